import test, { type ExecutionContext } from 'ava';
import { DependencyError } from '../../src/core/denial.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { CachedAuthority, Unanswered } from '../../src/sources/cached-authority.ts';
import {
  IntrospectionEndpoint,
  type IntrospectionOptions,
} from '../../src/sources/introspection-endpoint.ts';
import { type Behaviour, startJwksServer } from '../support/jwks-server.ts';

const never = new AbortController().signal;
const token = 'b3BhcXVlLXRva2VuLW9mLWFsaWNl';
const secret = 'c2VjcmV0LW9mLXRoZS1jbGllbnQ';
const options: IntrospectionOptions = {
  ...{ endpoint: 'http://127.0.0.1:1/introspect', authentication: 'client_secret_basic' },
  ...{ clientId: 'authorizer', clientSecret: secret, timeout: 10_000, clock: Date.now },
};

async function world(t: ExecutionContext, behaviour: Behaviour) {
  const server = await startJwksServer();
  t.teardown(() => server.stop());
  server.behave('/introspect', behaviour);
  const endpoint = new IntrospectionEndpoint({
    ...options,
    endpoint: `http://127.0.0.1:${server.port}/introspect`,
    ...(behaviour.kind === 'hang' && { timeout: 300 }),
  });
  t.teardown(() => endpoint.close());
  return { server, endpoint };
}

const json = (body: unknown, status = 200): Behaviour => ({
  kind: 'status',
  status,
  body: JSON.stringify(body),
});
const echo = { error: 'invalid_token', error_description: `${token} ${secret}` };
type Row = [string, Behaviour, RegExp, number?, boolean?];
const outages: Row[] = [
  ['401', json({ error: 'invalid_client' }, 401), /answered 401 invalid_client$/],
  ['401 that quotes what was sent', json(echo, 401), /answered 401$/],
  ['401 whose error is the token', json({ error: token }, 401), /answered 401$/],
  ['403', json({ error: 'unauthorized_client' }, 403), /answered 403 unauthorized_client$/],
  ['404', { kind: 'status', status: 404, body: '<html>' }, /answered 404$/],
  ['400', json({ error: 'invalid_request' }, 400), /answered 400 invalid_request$/, 1, true],
  ['400 about us', json({ error: 'invalid_client' }, 400), /answered 400 invalid_client$/],
  ['413', json(null, 413), /answered 413$/, 1, true],
  ['429', { kind: 'status', status: 429, headers: { 'retry-after': '9' } }, /answered 429$/, 9],
  ['500', { kind: 'status', status: 500, body: token }, /answered 500$/],
  ['503 with Retry-After', { kind: 'status', status: 503, headers: { 'retry-after': '3600' } }, /503$/, 60],
  ['a redirect', { kind: 'redirect', location: 'http://169.254.169.254/', status: 307 }, /answered 307$/],
  ['201', json({ active: true }, 201), /answered 201$/],
  ['HTML', { kind: 'body', body: `<html>${token}` }, /not a JSON object$/],
  ['nothing', { kind: 'body', body: '' }, /not a JSON object$/],
  ['a list', json([{ active: true }]), /not a JSON object$/],
  ['active as a text', json({ active: 'true' }), /active is not a boolean$/],
  ['no active', json({ sub: 'alice' }), /active is not a boolean$/],
  ['a signed answer', { kind: 'body', body: 'eyJh.eyJh.c2ln' }, /not a JSON object$/],
  ['a megabyte', { kind: 'huge', bytes: 1_000_000 }, /more than 65536 bytes$/],
  ['silence', { kind: 'hang' }, /no answer within 300 ms$/],
  ['a cut connection', { kind: 'reset' }, /socket hang up|ECONNRESET/],
];
for (const [title, behaviour, message, retryAfter = 1, alone = false] of outages)
  test(`introspection – ${title} is an outage and no refusal, and its message holds no secret`, async (t) => {
    const { endpoint } = await world(t, behaviour);
    const error = (await t.throwsAsync(endpoint.ask(token, never), {
      instanceOf: DependencyError,
      message,
    })) as DependencyError;
    t.is(error.reason, 'introspection_unavailable');
    t.is(error.retryAfter, retryAfter);
    t.is(error instanceof Unanswered, alone);
    const told = [error.message, error.stack, error.cause].join();
    for (const hidden of [token, secret, btoa(`authorizer:${secret}`)]) t.false(told.includes(hidden));
  });

test('introspection – unsupported_token_type is about the token (RFC 7009 §2.2.1)', async (t) => {
  const { endpoint } = await world(t, json({ error: 'unsupported_token_type' }, 400));
  t.like(await endpoint.ask(token, never), { reason: 'token_inactive' });
});

test('introspection – a no is remembered for two seconds, an outage is not', async (t) => {
  const { server, endpoint } = await world(t, { kind: 'status', status: 500 });
  const clock = { now: 1_000_000 };
  const asked = new CachedAuthority({
    bulkhead: new Bulkheads(() => 1_000).of('corp'),
    ...{ ask: endpoint.ask, authority: 'opaque', unavailable: 'introspection_unavailable', timeout: 10_000 },
    clock: () => clock.now,
  });
  const ask = () => asked.ask(token, 'digest', { now: clock.now, deadline: clock.now + 10_000 });
  await t.throwsAsync(ask(), { message: /answered 500$/ });
  server.behave('/introspect', json({ active: false }));
  t.like(await ask(), { reason: 'token_inactive' });
  server.behave('/introspect', json({ active: true, sub: 'alice' }));
  clock.now += 1_999;
  t.like(await ask(), { reason: 'token_inactive' });
  clock.now += 1;
  t.like(await ask(), { claims: { sub: 'alice' }, cached: false });
  t.is(server.count(), 3);
});

test('introspection – two configurations never share an answer (GHSA-4mq7-pvjg-xp2r)', async (t) => {
  const asked = await Promise.all(
    ['alice', 'bob'].map(async (sub) => {
      const { endpoint } = await world(t, json({ active: true, sub }));
      const unavailable = 'introspection_unavailable';
      const bulkhead = new Bulkheads(() => 1_000).of(sub);
      return new CachedAuthority({
        ask: endpoint.ask,
        authority: sub,
        unavailable,
        timeout: 10_000,
        clock: () => 0,
        bulkhead,
      });
    }),
  );
  for (let round = 0; round < 2; round++)
    for (const [index, sub] of ['alice', 'bob'].entries())
      t.like(await asked[index]?.ask(token, 'digest', { now: 0, deadline: 10_000 }), { claims: { sub } });
});

const misuse: [string, Partial<IntrospectionOptions>][] = [
  ['plain http to another machine', { endpoint: 'http://as.example.com/introspect' }],
  ['tls_client_auth without a certificate', { authentication: 'tls_client_auth', key: 'x' }],
  ['tls_client_auth without a key', { authentication: 'tls_client_auth', cert: 'x' }],
  ['private_key_jwt without a key', { authentication: 'private_key_jwt' }],
  ['client_secret_basic without a secret', { clientSecret: undefined }],
];
for (const [title, more] of misuse)
  test(`introspection – ${title} is misuse`, (t) => {
    t.throws(() => new IntrospectionEndpoint({ ...options, ...more }), { instanceOf: TypeError });
  });
