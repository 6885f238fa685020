import test from 'ava';
import { parseWithoutFiles } from '../../src/config/load.ts';
import { throughHttpDoor } from '../../src/explain/http-door.ts';

const config = parseWithoutFiles(
  'issuers: {}\nlisten: {http: 127.0.0.1:9002}\nhttp: {xfcc: direct}\nrules: [{name: a, public: true}]',
  'a.yaml',
);
const surroundings = { destination: undefined, sidecar: undefined };
const evidence = (body?: string) => ({
  request: { method: 'POST', host: 'a', path: '/token', headers: {}, ...(body !== undefined && { body }) },
  ...{ peer: {}, destination: { principal: '', port: 0 }, context: {} },
});

test('explain – a token request through the HTTP door keeps its body, which the proxy calls complete', (t) => {
  const { request } = throughHttpDoor(evidence('client_id=shop'), config, surroundings);
  t.is(request?.body, 'client_id=shop');
  t.is(request?.headers['x-envoy-auth-partial-body'], 'false');
});

test('explain – a request without a body has none at the HTTP door', (t) => {
  const { request } = throughHttpDoor(evidence(), config, surroundings);
  t.is(request?.body, undefined);
  t.false('x-envoy-auth-partial-body' in (request?.headers ?? {}));
});
