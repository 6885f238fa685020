import { randomBytes } from 'node:crypto';
import test from 'ava';
import { readAuthorization } from '../../src/core/token/authorization.ts';
import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { decodeCheckRequest } from '../../src/grpc/decode-request.ts';
import { checkCodec } from '../support/check-wire.ts';

/** Through the wire format, with bytes behind it if wanted. */
const received = (message: object, more: Buffer = Buffer.alloc(0)): CheckRequest =>
  decodeCheckRequest(Buffer.concat([checkCodec.requestSerialize(message), more]));

const http = {
  method: 'POST',
  path: '/orders?x=1#y',
  host: 'Orders.example.com:8443',
  headers: { authorization: 'Bearer abc', ':path': '/orders?x=1#y', 'x-tenant': 'blue' },
};
const attributes = {
  source: { principal: 'spiffe://cluster.local/ns/a/sa/b', certificate: '-----BEGIN%20CERTIFICATE-----' },
  destination: {
    principal: 'spiffe://cluster.local/ns/c/sa/d',
    address: { socketAddress: { address: '10.0.0.1', portValue: 8443 } },
  },
  request: { http },
  contextExtensions: { policy: 'orders' },
};
const expected = {
  request: { method: 'POST', host: 'Orders.example.com:8443', path: '/orders?x=1#y', headers: http.headers },
  peer: { certificate: attributes.source.certificate, principal: attributes.source.principal },
  destination: { principal: attributes.destination.principal, port: 8443 },
  context: { policy: 'orders' },
};

test('check request – everything that is presented, as it was presented', (t) => {
  t.deepEqual(evidenceOf(received({ attributes })), expected);
});

/** Fields of Envoy that our proto file omits, and fields that do not exist yet. */
const unknownFields: [string, Buffer][] = [
  ['a varint field', Buffer.from('f83f01', 'hex')],
  ['a 64-bit field', Buffer.from('f93f0102030405060708', 'hex')],
  ['a text field', Buffer.from('fa3f036c6f6c', 'hex')],
  ['a 32-bit field', Buffer.from('fd3f01020304', 'hex')],
  [
    'a message of a later version',
    Buffer.concat([Buffer.from('12', 'hex'), Buffer.of(4), Buffer.from('0a026162', 'hex')]),
  ],
  ['all of them', Buffer.from('f83f01f93f0102030405060708fa3f036c6f6cfd3f01020304', 'hex')],
];
for (const [title, bytes] of unknownFields)
  test(`check request – ${title} that is not known is skipped (proto3 unknown fields)`, (t) => {
    t.deepEqual(evidenceOf(received({ attributes }, bytes)), expected);
  });

test('check request – unknown fields inside attributes are skipped too (proto3 unknown fields)', (t) => {
  const plain = checkCodec.requestSerialize({ attributes });
  const [, second = 0, third = 0] = plain;
  // attributes is field 1, its length a varint of two bytes: seven bytes more go in at its end.
  const length = (second & 0x7f) | (third << 7);
  t.is(length + 3, plain.length);
  const grown = length + 6;
  const bytes = Buffer.concat([
    Buffer.of(0x0a, (grown & 0x7f) | 0x80, grown >> 7),
    plain.subarray(3),
    Buffer.from('fa3f036c6f6c', 'hex'),
  ]);
  t.deepEqual(evidenceOf(decodeCheckRequest(bytes)), expected);
});

const empty: [string, object][] = [
  ['nothing at all', {}],
  ['empty attributes', { attributes: {} }],
  ['empty peers', { attributes: { source: {}, destination: {} } }],
  ['an empty address', { attributes: { destination: { address: {} } } }],
  ['a request without http, which is a connection', { attributes: { request: {} } }],
];
for (const [title, message] of empty)
  test(`check request – ${title} is a connection without source and destination`, (t) => {
    t.deepEqual(evidenceOf(received(message)), {
      peer: {},
      destination: { principal: '', port: 0 },
      context: {},
    });
  });

test('check request – the address of the source, for the log', (t) => {
  const source = { address: { socketAddress: { address: '192.0.2.1', portValue: 40_000 } } };
  t.is(evidenceOf(received({ attributes: { source } })).sourceAddress, '192.0.2.1');
  t.false('sourceAddress' in evidenceOf(received({ attributes })));
});

test('check request – an empty http is a request without method, host and path', (t) => {
  t.deepEqual(evidenceOf(received({ attributes: { request: { http: {} } } })).request, {
    method: '',
    host: '',
    path: '',
    headers: {},
  });
});

test('check request – of the TCP filter: addresses and principals, no request', (t) => {
  const { request: _, contextExtensions: __, ...connection } = attributes;
  const evidence = evidenceOf(received({ attributes: connection }));
  t.false('request' in evidence);
  t.deepEqual(evidence.peer, expected.peer);
  t.deepEqual(evidence.destination, expected.destination);
});

const raw = (key: string, value: string | Buffer) => ({ key, rawValue: Buffer.from(value) });
const headersOf = (message: object) =>
  evidenceOf(received({ attributes: { request: { http: message } } })).request?.headers ?? {};

test('header_map – is read like headers, names in lower case (encode_raw_headers)', (t) => {
  const headers = headersOf({
    headerMap: { headers: [raw('Authorization', 'Bearer abc'), raw('x-a', 'b')] },
  });
  t.deepEqual({ ...headers }, { authorization: 'Bearer abc', 'x-a': 'b' });
});

test('header_map – duplicates are joined as Envoy joins them, so two tokens are seen (RFC 6750 §2)', (t) => {
  const headers = headersOf({
    headerMap: {
      headers: [raw('authorization', 'Bearer a'), raw('x-a', '1'), raw('Authorization', 'Bearer b')],
    },
  });
  t.is(headers.authorization, 'Bearer a,Bearer b');
  const read = readAuthorization({ method: 'GET', host: 'h', path: '/', headers });
  t.like(read, { reason: 'authorization_ambiguous' });
});

test('header_map – an empty duplicate cannot hide in front or behind', (t) => {
  for (const values of [
    ['', 'Bearer a'],
    ['Bearer a', ''],
  ]) {
    const headers = headersOf({ headerMap: { headers: values.map((value) => raw('authorization', value)) } });
    t.is(headers.authorization, values.join(','));
    t.like(readAuthorization({ method: 'GET', host: 'h', path: '/', headers }), {
      reason: 'authorization_ambiguous',
    });
  }
});

test('header_map – value stands in where raw_value is not there', (t) => {
  const headers = headersOf({ headerMap: { headers: [{ key: 'x-a', value: 'text' }, { key: 'x-b' }] } });
  t.deepEqual({ ...headers }, { 'x-a': 'text', 'x-b': '' });
});

test('header_map – bytes that are not UTF-8 stay distinct and cause no error', (t) => {
  const bytes = Buffer.concat([randomBytes(16), Buffer.of(0xff, 0xc0, 0xaf, 0x80)]);
  const headers = headersOf({
    headerMap: { headers: [raw('x-a', bytes), raw('authorization', Buffer.of(0xff))] },
  });
  t.deepEqual(Buffer.from(headers['x-a'] ?? '', 'latin1'), bytes);
  t.is(headers.authorization, '\u00ff');
});

test('header_map – wins over headers, where both were sent', (t) => {
  const headers = headersOf({
    headers: { authorization: 'Bearer map' },
    headerMap: { headers: [raw('authorization', 'Bearer raw')] },
  });
  t.is(headers.authorization, 'Bearer raw');
});

test('header_map – an empty one does not replace headers', (t) => {
  const headers = headersOf({ headers: { authorization: 'Bearer map' }, headerMap: { headers: [] } });
  t.is(headers.authorization, 'Bearer map');
});

for (const name of ['__proto__', 'constructor', 'toString'])
  test(`check request – a header called ${name} is a header like any other`, (t) => {
    for (const headers of [
      headersOf({ headerMap: { headers: [raw(name, 'x'), raw('x-a', 'b')] } }),
      headersOf({ headers: { [name]: 'x', 'x-a': 'b' } }),
    ]) {
      t.is(headers['x-a'], 'b');
      t.is(headers.authorization, undefined);
      t.is(headers.x, undefined);
    }
    t.is(({} as Record<string, unknown>).x, undefined);
  });
