import test from 'ava';
import fc from 'fast-check';
import { readCheckRequest } from '../../src/explain/check-request-json.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { Malformed } from '../../src/lib/malformed.ts';

const evidence = (value: unknown) => {
  const request = readCheckRequest(JSON.stringify(value));
  if (request instanceof Malformed) throw new TypeError(request.why);
  return evidenceOf(request);
};

const camel = {
  attributes: {
    source: { principal: 'spiffe://cluster.local/ns/a/sa/b', certificate: '-----BEGIN' },
    destination: {
      principal: 'spiffe://cluster.local/ns/a/sa/orders',
      address: { socketAddress: { address: '10.0.0.1', portValue: 8080 } },
    },
    contextExtensions: { policy: 'orders' },
    metadataContext: { filterMetadata: {} },
    request: {
      time: '2026-01-01T00:00:00Z',
      http: {
        id: '1',
        method: 'POST',
        host: 'orders.example.com',
        path: '/orders?a=b',
        headers: { authorization: 'Bearer t', ':path': '/orders' },
        rawBody: Buffer.from('a=1').toString('base64'),
      },
    },
  },
};
const snake = JSON.parse(
  JSON.stringify(camel)
    .replace('socketAddress', 'socket_address')
    .replace('portValue', 'port_value')
    .replace('contextExtensions', 'context_extensions')
    .replace('rawBody', 'raw_body'),
);
const expected = {
  request: {
    method: 'POST',
    host: 'orders.example.com',
    path: '/orders?a=b',
    headers: { authorization: 'Bearer t', ':path': '/orders' },
    body: 'a=1',
  },
  peer: { principal: 'spiffe://cluster.local/ns/a/sa/b', certificate: '-----BEGIN' },
  destination: { principal: 'spiffe://cluster.local/ns/a/sa/orders', port: 8080 },
  context: { policy: 'orders' },
};

/** Objects without a prototype are equal to others then. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test('check request – reads the JSON form of protobuf, in camel case and with the names of the proto files', (t) => {
  for (const one of [camel, snake]) t.like(plain(evidence(one)), expected);
});

test('check request – reads headers that were sent as bytes', (t) => {
  const raw_value = Buffer.from('Bearer t').toString('base64');
  const header_map = {
    headers: [
      { key: 'Authorization', raw_value },
      { key: 'x', value: 'y' },
    ],
  };
  const { request } = evidence({ attributes: { request: { http: { method: 'GET', header_map } } } });
  t.deepEqual(plain(request?.headers), { authorization: 'Bearer t', x: 'y' });
});

test('check request – a check of a connection has no request', (t) => {
  t.is(evidence({ attributes: { source: {} } }).request, undefined);
});

test('check request – any other JSON is malformed or read without an error', (t) => {
  for (const text of ['', '[]', '1', '{}', '{"attributes":1}'])
    t.true(readCheckRequest(text) instanceof Malformed);
  fc.assert(
    fc.property(fc.json(), fc.json(), fc.json(), (source, headers, http) => {
      const text = `{"attributes":{"source":${source},"request":{"http":{"headers":${headers},"headerMap":${http},"path":${source}}}}}`;
      const request = readCheckRequest(text);
      t.notThrows(() => request instanceof Malformed || evidenceOf(request));
    }),
  );
});

test('check request – a header called __proto__ is a header', (t) => {
  const text = '{"attributes":{"request":{"http":{"headers":{"__proto__":"x"}}}}}';
  const request = readCheckRequest(text);
  t.false(request instanceof Malformed);
  if (request instanceof Malformed) return;
  t.deepEqual(Object.entries(request.attributes?.request?.http?.headers ?? {}), [['__proto__', 'x']]);
});
