import test, { type ExecutionContext } from 'ava';
import { parseJwks } from '../../src/core/token/keys.ts';
import { ApiServer } from '../../src/sources/api-server.ts';
import { type ApiServerBehaviour, startApiServer } from '../support/api-server.ts';
import { createCa } from '../support/ca.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { RECORDED_ISSUER } from '../support/recorded-cluster.ts';

const ca = await createCa();

async function world(t: ExecutionContext, issuer?: string, timeout = 10_000) {
  const server = await startApiServer({ ca, caller: 'the-caller', ...(issuer !== undefined && { issuer }) });
  t.teardown(() => server.stop());
  const options = { url: server.url, ca: ca.certPem, token: () => 'the-caller', timeout };
  const client = new ApiServer(options);
  t.teardown(() => client.close());
  return { server, client, options };
}

test("keys of a cluster – found with this service's token, though application/json alone is answered 406", async (t) => {
  const { server, client } = await world(t);
  const { issuer, jwks, from } = await client.keys();
  t.is(issuer, server.url);
  t.is(from, `${server.url}/openid/v1/jwks`);
  t.is((parseJwks(jwks) as unknown[]).length, 2);
  t.deepEqual(server.authorizations, ['Bearer the-caller', 'Bearer the-caller']);
});

test('keys of a cluster – the issuer is compared exactly where one is given', async (t) => {
  const { client } = await world(t, RECORDED_ISSUER);
  t.is((await client.keys(RECORDED_ISSUER)).issuer, RECORDED_ISSUER);
  for (const issuer of [`${RECORDED_ISSUER}/`, 'https://kubernetes.default.svc.cluster.local'])
    await t.throwsAsync(client.keys(issuer), { message: /is the metadata of another issuer/ });
});

const nameless: [string, Record<string, unknown>][] = [
  ['no issuer', { issuer: undefined }],
  ['an empty issuer', { issuer: '' }],
  ['a list as issuer', { issuer: ['x'] }],
];
for (const [title, members] of nameless)
  test(`keys of a cluster – a document with ${title} is refused`, async (t) => {
    const { server, client } = await world(t);
    server.setDiscovery(members);
    await t.throwsAsync(client.keys(), { message: /another issuer/ });
    t.is(server.count(server.paths.keys), 0);
  });

test('keys of a cluster – those at another origin are fetched there, without the token', async (t) => {
  const { server, client } = await world(t);
  const elsewhere = await startApiServer({ ca });
  t.teardown(() => elsewhere.stop());
  elsewhere.behave(elsewhere.paths.keys, {
    kind: 'body',
    body: '{"keys":[]}',
    contentType: 'application/json',
  });
  server.setDiscovery({ jwks_uri: `${elsewhere.url}/openid/v1/jwks` });
  t.like(await client.keys(), { jwks: { keys: [] }, from: `${elsewhere.url}/openid/v1/jwks` });
  t.deepEqual(elsewhere.authorizations, [undefined]);
  t.is(server.count(server.paths.keys), 0);
});

test("keys of a cluster – where those elsewhere are not to be had without a token, the server's own copy is used", async (t) => {
  const { server, client } = await world(t);
  const advertised = await startApiServer({ ca });
  t.teardown(() => advertised.stop());
  server.setDiscovery({ jwks_uri: `${advertised.url}/openid/v1/jwks` });
  t.is((await client.keys()).from, `${server.url}/openid/v1/jwks`);
  t.deepEqual(advertised.authorizations, [undefined]);
});

const useless: [string, unknown][] = [
  ['missing', undefined],
  ['a number', 7],
  ['no URL, as some clusters have it', 'https://\\"x.example\\":443/openid/v1/jwks'],
  ['plain http', 'http://127.0.0.1/openid/v1/jwks'],
  ['a file', 'file:///etc/passwd'],
];
for (const [title, jwksUri] of useless)
  test(`keys of a cluster – a jwks_uri that is ${title} is not used; the copy of the server is used instead`, async (t) => {
    const { server, client } = await world(t);
    server.setDiscovery({ jwks_uri: jwksUri });
    t.is((await client.keys()).from, `${server.url}/openid/v1/jwks`);
  });

test('keys of a cluster – an origin that only begins alike gets no token', async (t) => {
  const { server, options } = await world(t);
  const plain = await startJwksServer();
  t.teardown(() => plain.stop());
  for (const host of [`localhost:${server.port}`, `user:the-caller@localhost:${server.port}`]) {
    server.setDiscovery({ jwks_uri: `https://${host}/openid/v1/jwks` });
    const client = new ApiServer(options);
    t.teardown(() => client.close());
    const before = server.authorizations.length;
    await client.keys();
    const [, atAnotherName] = server.authorizations.slice(before);
    t.not(atAnotherName, 'Bearer the-caller');
  }
});

const failures: [string, ApiServerBehaviour, RegExp][] = [
  ['403', { kind: 'forbidden' }, /answered 403/],
  ['HTML', { kind: 'body', body: '<html>' }, /not JSON/],
  ['null', { kind: 'body', body: 'null' }, /another issuer/],
  ['500', { kind: 'status', status: 500 }, /answered 500/],
  ['silence', { kind: 'hang' }, /no answer within 300 ms/],
];
for (const [title, behaviour, message] of failures)
  test(`keys of a cluster – ${title} as metadata is a failure, told without the token`, async (t) => {
    const { server, client } = await world(t, undefined, behaviour.kind === 'hang' ? 300 : 10_000);
    server.behave(server.paths.configuration, behaviour);
    const error = await t.throwsAsync(client.keys(), { message });
    t.false(error?.message.includes('the-caller'));
  });

test('keys of a cluster – no keys anywhere: both failures are told', async (t) => {
  const { server, client } = await world(t);
  server.setDiscovery({ jwks_uri: 'https://127.0.0.1:1/keys' });
  server.behave(server.paths.keys, { kind: 'status', status: 500 });
  await t.throwsAsync(client.keys(), {
    message: /^no keys: .*ECONNREFUSED.*; .*\/openid\/v1\/jwks answered 500$/,
  });
});

test('keys of a cluster – an issuer that wants no token is asked without one, behind its path', async (t) => {
  const server = await startJwksServer({ issuerPath: '/tenant/' });
  t.teardown(() => server.stop());
  const client = new ApiServer({ url: server.issuer, timeout: 10_000 });
  t.teardown(() => client.close());
  t.like(await client.keys(server.issuer), { issuer: server.issuer, from: server.jwksUri });
});
