import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type JwksServer, startJwksServer } from '../support/jwks-server.ts';
import { createSigner, encodePart } from '../support/jwt-signer.ts';
import { IDS, type Mesh, routes, startMesh } from '../support/mesh.ts';
import { waitFor } from '../support/wait.ts';

/** Issuers that come, go and change their keys. */

const FLOOD = 10_000;
const COOL_DOWN_MS = 3_000;
const KEEP_MS = 8_000;

let mesh: Mesh;
/** Down at start. */
let late: JwksServer;
/** Refreshed often and not kept for long. */
let brief: JwksServer;
/** With the default cool-down. */
let calm: JwksServer;
const signers = { late: createSigner('RS256'), brief: createSigner('ES256'), calm: createSigner('ES256') };

test.before(async () => {
  if (!hasEnvoy) return;
  late = await startJwksServer({ signers: [signers.late] });
  await late.down();
  brief = await startJwksServer({ signers: [signers.brief] });
  calm = await startJwksServer({ signers: [signers.calm] });
  const audiences = ['orders'];
  mesh = await startMesh({
    config: ({ issuer }) => ({
      issuers: {
        corp: { issuer: issuer.issuer, audiences, coolDown: `${COOL_DOWN_MS}ms` },
        late: { issuer: late.issuer, audiences },
        brief: { issuer: brief.issuer, audiences, refresh: '200ms', keep: `${KEEP_MS}ms`, coolDown: '50ms' },
        calm: { issuer: calm.issuer, audiences },
      },
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [{ name: 'all' }],
    }),
    listeners: (parts) => [
      {
        name: 'sidecar',
        mtls: parts.tls('orders'),
        upstream: { port: parts.app.port },
        routes: routes(parts),
        extAuthz: { grpc: parts.authorizer, istioPair: true },
      },
    ],
  });
});

test.after.always(async () => {
  await mesh?.stop();
  for (const issuer of [late, brief, calm]) await issuer?.stop();
});

async function statusOf(token: string): Promise<number> {
  return (await mesh.send('sidecar', { who: 'client', token })).status;
}

async function readiness() {
  const { status, body } = await mesh.peerproof.page('/readyz');
  return { status, ...JSON.parse(body) };
}

const fetches = () => mesh.issuer.count(mesh.issuer.paths.jwks);
const briefToken = (header = {}) => mesh.mint({ iss: brief.issuer }, header, signers.brief);

envoyTest('down at start: readiness says so, and the other issuers work', async (t) => {
  const { status, ready, state, issuers } = await readiness();
  t.like({ status, ready, state }, { status: 200, ready: true, state: 'serving' });
  t.like(issuers.corp, { keys: true });
  t.is(issuers.corp.failure, undefined);
  t.like(issuers.late, { keys: false });
  t.regex(issuers.late.failure, /ECONNREFUSED/);
  const failed = (issuer: string) =>
    mesh.peerproof.metric('peerproof_issuer_requests_total', { issuer, kind: 'keys', outcome: 'failed' });
  t.is(await failed('corp'), 0);
  t.true((await failed('late')) >= 1);
  t.is(await statusOf(mesh.mint()), 200);
  t.is(await statusOf(mesh.mint({ iss: late.issuer }, {}, signers.late)), 503);
});

envoyTest('an issuer that comes up later is found without a restart', async (t) => {
  await late.up();
  await waitFor('keys', 5_000, async () => (await readiness()).issuers.late.keys);
  t.is((await readiness()).issuers.late.failure, undefined);
  t.is(await statusOf(mesh.mint({ iss: late.issuer }, {}, signers.late)), 200);
});

envoyTest('rotation: a new key is accepted after one fetch', async (t) => {
  const next = createSigner('ES384');
  // The cool-down begins with this fetch.
  await sleep(COOL_DOWN_MS);
  t.is(await statusOf(mesh.mint({}, { kid: 'makes-it-ask' })), 401);
  const before = fetches();
  mesh.issuer.setKeys([mesh.signer, next]);
  t.is(await statusOf(mesh.mint({}, {}, next)), 401, 'within the cool-down nobody asks');
  t.is(fetches(), before);
  await sleep(COOL_DOWN_MS);
  const tokens = Array.from({ length: 20 }, (_, n) => mesh.mint({ jti: `${n}` }, {}, next));
  t.deepEqual([...new Set(await Promise.all(tokens.map(statusOf)))], [200]);
  t.is(fetches() - before, 1);
  t.is(await statusOf(mesh.mint()), 200);
});

envoyTest('a key that was withdrawn is no longer accepted, not even for a token seen before', async (t) => {
  const old = createSigner('ES256');
  mesh.issuer.setKeys([mesh.signer, old]);
  await sleep(COOL_DOWN_MS);
  const token = mesh.mint({}, {}, old);
  t.is(await statusOf(token), 200);
  t.is(await statusOf(token), 200);
  mesh.issuer.setKeys([mesh.signer]);
  await sleep(COOL_DOWN_MS);
  t.is(await statusOf(mesh.mint({}, { kid: 'makes-it-ask-again' })), 401);
  t.is(await statusOf(token), 401);
});

envoyTest('down later: checks go on with the kept keys, for as long as they may be kept', async (t) => {
  t.is(await statusOf(briefToken()), 200);
  await brief.down();
  const since = Date.now();
  await waitFor('failure', 5_000, async () => (await readiness()).issuers.brief.failure);
  const inTime = () => Date.now() - since < KEEP_MS - 1_000;
  if (inTime()) t.is(await statusOf(briefToken()), 200);
  // Whether this key exists is unknown now.
  t.is(await statusOf(briefToken({ kid: 'new-while-down' })), 503);
  const { status, issuers } = await readiness();
  t.is(status, 200);
  if (inTime()) t.like(issuers.brief, { keys: true });
  t.is(await statusOf(mesh.mint()), 200);
  if (inTime()) t.is(await statusOf(briefToken()), 200);

  await sleep(Math.max(0, KEEP_MS - (Date.now() - since)) + 50);
  t.is(await statusOf(briefToken()), 503, 'the keys are too old');
  t.is(await statusOf(mesh.mint()), 200);
  await brief.up();
  await waitFor('keys', 5_000, async () => !(await readiness()).issuers.brief.failure);
  t.is(await statusOf(briefToken()), 200);
});

envoyTest(`a flood of ${FLOOD} tokens with unknown keys causes a handful of fetches`, async (t) => {
  const client = openCheckClient(mesh.peerproof.grpcPort);
  const claims = encodePart({ iss: calm.issuer, aud: 'orders', sub: 'mallory', exp: 9_999_999_999 });
  const signature = Buffer.alloc(64, 7).toString('base64url');
  const token = (n: number) => `${encodePart({ alg: 'ES256', kid: `unknown-${n}` })}.${claims}.${signature}`;
  const before = calm.count();
  const count = mesh.peerproof.lines.length;
  const answers = new Map<string, number>();
  let sent = 0;
  const worker = async () => {
    while (sent < FLOOD) {
      const { deniedResponse } = await client.check(httpCheck(token(sent++)));
      const { error } = JSON.parse(deniedResponse.body);
      answers.set(error, (answers.get(error) ?? 0) + 1);
    }
  };
  try {
    await Promise.all(Array.from({ length: 64 }, worker));
  } finally {
    client.close();
  }
  t.deepEqual([...answers], [['invalid_token', FLOOD]]);
  // The cool-down is half a minute; with the metadata before each set.
  t.true(calm.count() - before <= 4, `${calm.count() - before} requests`);
  t.is(mesh.peerproof.lines.length - count, FLOOD);
  t.is(await mesh.peerproof.metric('peerproof_checks_in_flight'), 0);
  // It does not deny anything.
  t.is(await statusOf(mesh.mint({ iss: calm.issuer }, {}, signers.calm)), 200);
});

envoyTest('an unknown issuer never causes a fetch', async (t) => {
  await sleep(COOL_DOWN_MS);
  const before = mesh.issuer.count() + calm.count();
  const { issuer } = mesh.issuer;
  for (const iss of [`${issuer}/`, issuer.replace('http', 'HTTP'), 'http://127.0.0.1:1', calm.jwksUri])
    t.is(await statusOf(mesh.mint({ iss }, { kid: 'x' })), 401);
  t.is(mesh.issuer.count() + calm.count(), before);
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
