import test from 'ava';
import { NOW } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import type { Behaviour } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { createRemoteWorld } from '../support/remote-world.ts';
import { waitFor } from '../support/wait.ts';

const target = 'http://169.254.169.254/latest/meta-data';
const failures: [string, Behaviour, RegExp][] = [
  ['500', { kind: 'status', status: 500, body: 'secret trace' }, /answered 500/],
  ['401', { kind: 'status', status: 401 }, /answered 401/],
  ['201, which is no answer', { kind: 'status', status: 201, body: '{"keys":[]}' }, /answered 201/],
  ['HTML', { kind: 'body', body: '<html>', contentType: 'text/html' }, /not JSON/],
  ['an empty body', { kind: 'body', body: '' }, /not JSON/],
  ['JSON that is no JWK Set', { kind: 'body', body: '{"jwks":[]}' }, /not a JWK Set/],
  ['an empty JWK Set', { kind: 'body', body: '{"keys":[]}' }, /no usable key/],
  ['only symmetric keys', { kind: 'body', body: '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}' }, /no usable key/],
  ['50 MB', { kind: 'huge', bytes: 50_000_000 }, /524288 bytes|aborted/],
  ['a slow drip', { kind: 'drip', everyMs: 40 }, /no answer within 300 ms|aborted/],
  ['silence', { kind: 'hang' }, /no answer within 300 ms/],
  ['a redirect to a metadata address', { kind: 'redirect', location: target }, /answered 302/],
  ['a permanent redirect', { kind: 'redirect', location: target, status: 308 }, /answered 308/],
  ['a cut connection', { kind: 'reset' }, /./],
];
for (const [title, behaviour, message] of failures)
  test(`keys – ${title} at start is an outage, 503, and not a bad token`, async (t) => {
    const world = await createRemoteWorld(t, {
      // Everything else fails by itself, however long the machine takes for it.
      issuer: { timeout: ['hang', 'drip'].includes(behaviour.kind) ? '300ms' : '30s' },
      before: (server) => server.behave(server.paths.jwks, behaviour),
    });
    const [issuer] = world.issuers;
    t.regex(issuer?.state().failure ?? '', message);
    t.like(issuer?.state(), { keyAge: undefined, fetches: 1, failures: 1 });
    const answer = await world.checkToken();
    isRefused(t, answer, 'issuer_unavailable');
    t.notRegex(JSON.stringify(answer.response), /answered|secret trace|127\.0\.0\.1|169\.254/);
  });

test.serial('keys – 50 MB are not read to their end', async (t) => {
  const world = await createRemoteWorld(t, {
    issuer: { timeout: '10s' },
    before: (server) => server.behave(server.paths.jwks, { kind: 'huge', bytes: 50_000_000 }),
  });
  const before = process.memoryUsage().rss;
  await world.refetch();
  t.is(world.issuers[0]?.state().failures, 2);
  t.true(process.memoryUsage().rss - before < 40_000_000);
});

test('keys – an issuer that is down at start is tried again, and then serves', async (t) => {
  const world = await createRemoteWorld(t, {
    issuer: { refresh: '50ms' },
    before: (server) => server.down(),
  });
  isRefused(t, await world.checkToken(), 'issuer_unavailable');
  await world.server.up();
  await waitFor('keys', 5_000, () => world.issuers[0]?.state().failure === undefined);
  isAllowed(t, await world.checkToken());
});

test('keys – an issuer that is down does not affect another issuer or a token of an unknown issuer', async (t) => {
  const down = await createRemoteWorld(t, { before: (server) => server.down() });
  const up = await createRemoteWorld(t);
  isAllowed(t, await up.checkToken());
  isRefused(t, await down.checkToken(createSigner('ES256'), { iss: 'https://x' }), 'token_issuer_unknown');
  isRefused(t, await down.checkToken(), 'issuer_unavailable');
});

test('keys – kept while the issuer is down until `keep`, then 503, and back when it is', async (t) => {
  const world = await createRemoteWorld(t, { issuer: { keep: '1h', refresh: '1h' } });
  await world.server.down();
  await world.refetch();
  t.regex(world.issuers[0]?.state().failure ?? '', /ECONNREFUSED/);
  t.is(world.issuers[0]?.state().failures, 1);
  const claims = { exp: NOW / 1000 + 86_400 };
  isAllowed(t, await world.checkToken(undefined, claims));
  world.clock.now = NOW + 3_600_000;
  isAllowed(t, await world.checkToken(undefined, claims));
  world.clock.now = NOW + 3_600_001;
  isRefused(t, await world.checkToken(undefined, claims), 'issuer_unavailable');
  // That check began an attempt, which must not be the one that is waited for below.
  await world.refetch();
  await world.server.up();
  await world.refetch();
  isAllowed(t, await world.checkToken(undefined, claims));
});

test('keys – a failing answer never replaces good keys', async (t) => {
  const world = await createRemoteWorld(t);
  for (const behaviour of [
    { kind: 'body', body: '{"keys":[]}' },
    { kind: 'status', status: 503 },
    { kind: 'body', body: '<html>' },
  ] satisfies Behaviour[]) {
    world.server.behave(world.server.paths.jwks, behaviour);
    await world.refetch();
    isAllowed(t, await world.checkToken());
  }
  t.is(world.issuers[0]?.state().failures, 3);
});

test('keys – plain http of discovery is not followed, also when everything else is right', async (t) => {
  const world = await createRemoteWorld(t, {
    before: (server) => server.setDiscovery({ jwks_uri: 'http://keys.example.com/jwks' }),
  });
  t.regex(world.issuers[0]?.state().failure ?? '', /must be https/);
  isRefused(t, await world.checkToken(), 'issuer_unavailable');
  t.is(world.server.count(world.server.paths.jwks), 0);
});

test('keys – an unknown kid while the issuer hangs: the deadline of the check holds', async (t) => {
  const world = await createRemoteWorld(t, { issuer: { timeout: '30s', coolDown: '0s' }, checkTimeout: 200 });
  world.server.behave(world.server.paths.jwks, { kind: 'hang' });
  const began = performance.now();
  const waiting = world.checkToken(createSigner('ES256'));
  isAllowed(t, await world.checkToken(), 'a known key does not wait');
  isRefused(t, await waiting, 'deadline_exceeded');
  // A check that waited for the issuer would have ended with `issuer_unavailable`.
  t.true(performance.now() - began >= 150);
});

test('keys – an unknown kid while the issuer is down is an outage, not a denial', async (t) => {
  const world = await createRemoteWorld(t, { issuer: { coolDown: '30s' } });
  await world.server.down();
  world.clock.now = NOW + 30_000;
  const stranger = createSigner('ES256');
  isRefused(t, await world.checkToken(stranger), 'issuer_unavailable');
  isRefused(t, await world.checkToken(stranger), 'issuer_unavailable', { title: 'during the cool-down too' });
  isAllowed(t, await world.checkToken());
  await world.server.up();
  world.clock.now = NOW + 60_000;
  isRefused(t, await world.checkToken(stranger), 'token_key_unknown');
});
