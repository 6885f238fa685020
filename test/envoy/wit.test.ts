import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { IN_CHECK } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, received, startMesh } from '../support/mesh.ts';
import { doorOf, HTTP_DOOR, sidecarListener, type Transport } from '../support/transports.ts';
import { bundleOf, createWorkloadKeys, signWit, signWpt, witClaims } from '../support/wit-fixture.ts';

/** Workload identity tokens with their proofs (wpt-02), and the keys of the trust domain in a file as SPIRE writes it. */

const transports = ['grpc-certificate', 'http1', 'http2'] as const satisfies Transport[];
const { issuer, shop, till } = createWorkloadKeys();
const directory = mkdtempSync(join(tmpdir(), 'peerproof-wit-'));
const bundle = join(directory, 'bundle.json');
let mesh: Mesh;
const sent: string[] = [];

test.before(async () => {
  if (!hasEnvoy) return;
  const { keys, ...hint } = bundleOf(issuer);
  const jwtSvid = { ...createSigner('ES256').publicJwk, use: 'jwt-svid' };
  writeFileSync(bundle, JSON.stringify({ keys: [jwtSvid, ...keys], ...hint }));
  mesh = await startMesh({
    config: () => ({
      http: HTTP_DOOR,
      issuers: { spire: { accept: 'wit', trustDomain: 'cluster.local', jwks: bundle } },
      peers: { trustDomains: { 'cluster.local': {} } },
      wit: { origins: { 'app.test': 'https://app.test' } },
      rules: [{ name: 'wit', require: { credential: 'wit', issuers: ['spire'] } }],
    }),
    listeners: (parts) =>
      transports.map((transport) =>
        sidecarListener(transport, parts, doorOf(transport) === 'http' ? { allowedHeaders: IN_CHECK } : {}),
      ),
  });
});

test.after.always(async () => {
  await mesh?.stop();
  rmSync(directory, { recursive: true });
});

const now = () => Date.now();
const witOf = (holder = shop) => signWit(issuer, witClaims(holder, { sub: IDS.client }, now()));
const wptOf = (wit: string, more = {}, holder = shop) =>
  signWpt(holder, wit, { aud: 'https://app.test/orders', ...more }, {}, now());

/** The answer, and its line. */
async function ask(transport: Transport, headers: readonly (readonly [string, string])[], path = '/orders') {
  sent.push(...headers.map(([, value]) => value));
  const answer = await mesh.send(transport, { who: 'payments', path, headers });
  const line = mesh.decisionOf(answer);
  return { status: answer.status, line, answer, challenge: answer.header('www-authenticate') };
}
const lines = (wit: string, ...proofs: string[]) => [
  ['workload-identity-token', wit] as const,
  ...proofs.map((proof) => ['authorization', `WPT ${proof}`] as const),
];

for (const transport of transports) {
  envoyTest(
    `${transport} – the owner of a WIT passes once, from the connection of any workload`,
    async (t) => {
      const wit = witOf();
      const proof = wptOf(wit);
      const { status, line, answer } = await ask(transport, lines(wit, proof));
      t.is(status, 200);
      t.is(line.token_kind, 'workload-identity-token');
      t.is(line.bound_by, 'wit');
      t.is(line.subject, IDS.client);
      t.deepEqual(received(answer, 'x-spiffe-id'), [IDS.client]);
      const again = await ask(transport, lines(wit, proof));
      t.is(again.line.reason, 'proof_replayed');
      t.is(again.status, 401);
      t.is(again.challenge, 'WPT');
      const renewed = await ask(transport, lines(wit, wptOf(wit)));
      t.is(renewed.status, 200);
    },
  );

  envoyTest(`${transport} – a proof that passed at another listener is known`, async (t) => {
    const wit = witOf();
    const proof = wptOf(wit);
    t.is((await ask('grpc-certificate', lines(wit, proof))).status, 200);
    t.is((await ask(transport, lines(wit, proof))).line.reason, 'proof_replayed');
  });

  const refused: [string, (wit: string) => readonly (readonly [string, string])[], string, number][] = [
    ['stolen by another', (wit) => lines(wit, wptOf(wit, {}, till)), 'proof_signature_invalid', 401],
    ['without a proof', (wit) => lines(wit), 'proof_missing', 401],
    [
      'for another path',
      (wit) => lines(wit, wptOf(wit, { aud: 'https://app.test/x' })),
      'proof_target_mismatch',
      401,
    ],
    [
      'for another host',
      (wit) => lines(wit, wptOf(wit, { aud: 'https://x.test/orders' })),
      'proof_target_mismatch',
      401,
    ],
    ['expired', (wit) => lines(wit, wptOf(wit, { exp: 1 })), 'proof_expired', 401],
    [
      'of a week',
      (wit) => lines(wit, wptOf(wit, { exp: Date.now() / 1000 + 604_800 })),
      'proof_not_yet_valid',
      401,
    ],
    ['for another WIT', (wit) => lines(wit, wptOf(witOf(till))), 'proof_token_mismatch', 401],
    ['with two proofs', (wit) => lines(wit, wptOf(wit), wptOf(wit)), 'proof_ambiguous', 400],
    [
      'with two WITs',
      (wit) => [...lines(wit, wptOf(wit)), ...lines(witOf(till))],
      'authorization_ambiguous',
      400,
    ],
    ['as bearer token', (wit) => [['authorization', `Bearer ${wit}`]], 'token_missing', 401],
  ];
  for (const [title, make, reason, status] of refused)
    envoyTest(`${transport} – a WIT is refused ${title}`, async (t) => {
      const { line, status: answered, challenge } = await ask(transport, make(witOf()));
      t.is(line.reason, reason, String(line.detail));
      t.is(answered, status);
      t.is(challenge, status === 401 ? 'WPT' : undefined);
    });
}

envoyTest('no token and no proof is in the log', (t) => {
  assertDiscreet(
    t,
    mesh.peerproof.lines,
    sent.map((value) => value.replace(/^\w+ /, '')),
  );
});
