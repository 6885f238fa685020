import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startApiServer } from '../support/api-server.ts';
import { createCa } from '../support/ca.ts';
import { createCheckWorld } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';

/** Key rotation of a cluster whose tokens are signed outside of its API server (KEP-740), with recorded documents. */

const read = (name: string) =>
  readFileSync(new URL(`../fixtures/kubernetes/external-signer/${name}`, import.meta.url), 'utf8');
const tokenOf = (name: string) => read(`${name}.jwt`).trim();
const kids = (name: string) =>
  (JSON.parse(read(name)) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);

const issuer = 'https://kubernetes.default.svc.cluster.local';
/** One minute after the tokens were issued. */
const now = 1_795_824_740_000;
const ca = await createCa();

/** A cluster with the first key, and a configuration that asks it. */
async function clusterWorld(t: ExecutionContext, verify: 'jwks' | 'both', coolDown = '0s') {
  const server = await startApiServer({ ca, caller: 'the-caller', issuer });
  t.teardown(() => server.stop());
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-signer-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const publish = (name: string) =>
    server.behave(server.paths.keys, {
      ...{ kind: 'body', contentType: 'application/jwk-set+json' },
      body: read(name),
    });
  // As recorded, but for the address of the machine.
  server.setDiscovery({
    ...JSON.parse(read('openid-configuration.json')),
    jwks_uri: `${server.url}${server.paths.keys}`,
  });
  publish('jwks-1.json');
  const world = await createCheckWorld(
    {
      issuers: {
        cluster: {
          ...{ issuer, audiences: ['https://as.example.com', issuer], refresh: '24h', coolDown },
          ca: file('ca.pem', ca.certPem),
          kubernetes: { verify, apiServer: server.url, tokenFile: file('token', 'the-caller') },
        },
      },
      rules: [{ name: 'any', require: { binding: ['none'] } }],
    },
    { now },
  );
  t.teardown(() => world.stop());
  const check = (name: string) => world.check({ token: tokenOf(name) });
  const refetch = () => Promise.all(world.issuers.map(({ source }) => source.start()));
  const review = (name: string) =>
    server.behave(server.paths.reviews, { kind: 'body', contentType: 'application/json', body: read(name) });
  return { ...world, server, publish, review, refetch, checkOf: check };
}

test('external signer – the recorded key sets overlap, so there is a time for every verifier to learn the new key', (t) => {
  const [first, both, second] = ['jwks-1.json', 'jwks-2.json', 'jwks-3.json'].map(kids);
  t.is(first?.length, 1);
  t.deepEqual(both, [...(first ?? []), ...(second ?? [])]);
});

test('external signer – a token of the new key passes after one fetch, and no token is refused on the way', async (t) => {
  const world = await clusterWorld(t, 'jwks');
  const fetches = () => world.server.count(world.server.paths.keys);
  isAllowed(t, await world.checkOf('first'));
  const before = fetches();
  world.publish('jwks-2.json');
  isAllowed(t, await world.checkOf('first'));
  isAllowed(t, await world.checkOf('second'));
  isAllowed(t, await world.checkOf('first'));
  isAllowed(t, await world.checkOf('second'));
  t.is(fetches() - before, 1);
});

test('external signer – the old key counts as long as it is published, and no longer', async (t) => {
  const world = await clusterWorld(t, 'jwks');
  isAllowed(t, await world.checkOf('first'));
  world.publish('jwks-2.json');
  await world.refetch();
  isAllowed(t, await world.checkOf('first'));
  world.publish('jwks-3.json');
  await world.refetch();
  isRefused(t, await world.checkOf('first'), 'token_key_unknown');
  isAllowed(t, await world.checkOf('second'));
});

test('external signer – a signer that signs before it publishes costs only its own tokens', async (t) => {
  const world = await clusterWorld(t, 'jwks', '30s');
  isRefused(t, await world.checkOf('second'), 'token_key_unknown');
  isAllowed(t, await world.checkOf('first'));
  world.publish('jwks-2.json');
  isRefused(t, await world.checkOf('second'), 'token_key_unknown');
  world.clock.now += 30_001;
  isAllowed(t, await world.checkOf('second'));
});

test('external signer – an extended token counts until exp, whatever warnafter says', async (t) => {
  const world = await clusterWorld(t, 'jwks');
  isAllowed(t, await world.checkOf('extended'));
  const claims = JSON.parse(Buffer.from(tokenOf('extended').split('.')[1] ?? '', 'base64url').toString());
  const { exp, iat } = claims as { exp: number; iat: number };
  const { warnafter } = claims['kubernetes.io'] as { warnafter: number };
  t.is(warnafter - iat, 3_607);
  t.is(exp - iat, 7_200, 'the longest that the signer allows');
  world.clock.now = (warnafter + 60) * 1000;
  isAllowed(t, await world.checkOf('extended'));
  isRefused(t, await world.checkOf('first'), 'token_expired');
  isAllowed(t, await world.checkOf('longest'));
  world.clock.now = (exp + 31) * 1000;
  isRefused(t, await world.checkOf('extended'), 'token_expired');
  isRefused(t, await world.checkOf('longest'), 'token_expired');
});

test('external signer – the node and the credential ID of a token are those of its TokenReview', async (t) => {
  const world = await clusterWorld(t, 'both');
  for (const [name, pod] of [
    ['first', 'oauthclient-0'],
    ['node', undefined],
  ] as const) {
    world.review(`review-${name}.json`);
    const answer = await world.checkOf(name);
    isAllowed(t, answer);
    const { claims, serviceAccount } = answer.decision.found.token ?? {};
    t.like(serviceAccount, { node: 'worker-1', pod, credentialId: `JTI=${claims?.jti}` });
  }
});

test('external signer – the answer about another token of the same pod is refused', async (t) => {
  const world = await clusterWorld(t, 'both');
  world.review('review-node.json');
  const answer = await world.checkOf('first');
  isRefused(t, answer, 'token_review_refused');
  t.is(
    (answer.decision as { detail?: string }).detail,
    'the answer names another credentialId than the token',
  );
});
