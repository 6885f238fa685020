import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { attacked, attacks, type Refused } from '../hostile/proof-attacks.ts';
import type { Answer } from '../support/client.ts';
import { hasProgram } from '../support/debian-test.ts';
import { IN_CHECK } from '../support/envoy-kyma.ts';
import { assertDiscreet, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, type MeshListeners, startMesh } from '../support/mesh.ts';
import { type Peerproof, startPeerproof } from '../support/peerproof.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { inlineIssuer } from '../support/token-fixture.ts';
import { doorOf, HTTP_DOOR, sidecarListener } from '../support/transports.ts';
import { bundleOf } from '../support/wit-fixture.ts';
import { createParties, type Parties, SERVER, type Sent, SPIRE } from './proof-parties.ts';
import { proofRequests } from './proof-requests.ts';

/**
 * Every attack on every proof, through the real Envoy by both ways in which it asks. Behind it are two replicas that share
 * one Redis, so what passed at one of them is used up at the other.
 */

const transports = ['grpc-certificate', 'http1'] as const;
/** What Envoy has to send in a check over HTTP, beside the headers of every check. */
const ofProofs = ['workload-identity-token', 'workload-proof-token'];
const ofBody = ['content-type', 'content-encoding', 'x-envoy-auth-partial-body'];

const canRun = hasEnvoy && (await hasProgram('redis-server'));
const proofTest = canRun ? test.serial : test.serial.skip;

let redis: Redis;
let mesh: Mesh;
let second: Peerproof;
let requests: ReturnType<typeof proofRequests>;
const sent: string[] = [];

test.before(async () => {
  if (!canRun) return;
  redis = await startRedis();
  const parties = await createParties();
  const config = configOf(parties, redis);
  second = await startPeerproof(config);
  await second.ready;
  mesh = await startMesh({ config: () => config, listeners });
  requests = proofRequests(parties, mesh);
});

test.after.always(async () => {
  await mesh?.stop();
  await second?.drain();
  await redis?.stop();
});

function configOf({ corp, spire, wits }: Parties, { address }: Redis): ConfigInput {
  const trustDomain = 'cluster.local';
  const proven = (name: 'certificate' | 'workload' | 'dpop') => ({
    name,
    match: { paths: [`/${name}/**`] },
    require: { issuers: ['corp'], binding: [name] },
  });
  const client = (path: string, require: NonNullable<ConfigInput['rules'][number]['require']>) => ({
    name: path,
    match: { methods: ['POST'], paths: [`/${path}`] },
    require,
  });
  return {
    issuers: {
      corp: inlineIssuer([corp]),
      spire: {
        ...{ issuer: SPIRE, audiences: [SERVER], accept: 'jwt-svid', singleUse: true, trustDomain },
        jwks: { keys: [spire.publicJwk] },
      },
      wits: { accept: 'wit', trustDomain, jwks: bundleOf(wits) },
    },
    http: HTTP_DOOR,
    peers: { trustDomains: { [trustDomain]: {} } },
    clients: { shop: [IDS.client] },
    wit: { origins: { 'app.test': 'https://app.test' }, drafts: ['wpt-02', 'wpt-01'] },
    store: { redis: { address, timeout: '2s' } },
    rules: [
      ...[proven('certificate'), proven('workload'), proven('dpop')],
      { name: 'wit', match: { paths: ['/wit/**'] }, require: { credential: 'wit' } },
      { name: 'beside', match: { paths: ['/beside/**'] }, require: { issuers: ['corp'], binding: ['wit'] } },
      client('token', { credential: 'client-assertion' }),
      client('spiffe-token', { credential: 'client-assertion', authorizationServer: SERVER }),
      client('mtls', { credential: 'client-certificate' }),
    ],
  } as ConfigInput;
}

/** For each way: to one replica, to the other one, and to the first one past the TLS of a listener that takes any certificate. */
function listeners(parts: MeshListeners) {
  return transports.flatMap((transport) => {
    const headers =
      doorOf(transport) === 'http' ? { allowedHeaders: [...IN_CHECK, ...ofProofs, ...ofBody] } : {};
    const more = { ...headers, withRequestBody: { maxRequestBytes: 16_384, allowPartialMessage: true } };
    const first = sidecarListener(transport, parts, more);
    const { grpcPort, httpPort } = second;
    return [
      first,
      { ...sidecarListener(transport, { ...parts, grpcPort, httpPort }, more), name: `${transport}-second` },
      {
        ...first,
        name: `${transport}-edge`,
        mtls: parts.tls('orders', { requireClientCertificate: false, acceptUntrusted: true }),
      },
    ];
  });
}

function send(listener: string, { who, ...request }: Sent): Promise<Answer> {
  sent.push(...request.headers.map(([, value]) => value.replace(/^\w+ /, '')));
  sent.push(...new URLSearchParams(request.body).getAll('client_assertion'));
  return mesh.send(listener, { ...request, ...(who !== undefined && { who }) });
}

/** The reason in the line of the replica that was asked. */
function reasonOf(answer: Answer, replica: 'first' | 'second' = 'first'): unknown {
  if (answer.status === 200 || replica === 'first') return mesh.decisionOf(answer).reason;
  return second.decision(answer.json().decision_id).reason;
}

for (const { proof, attack, ...cell } of attacked())
  for (const transport of transports) {
    const expected = at(transport, cell);
    if (expected === 'Envoy writes it itself') continue;
    proofTest(`${transport} – ${proof}, ${attacks[attack]} → ${expected}`, async (t) => {
      const replayed = attack === 'again' || attack === 'elsewhere';
      const request = await requests[proof][replayed ? 'right' : attack]?.();
      if (!request) return t.fail('nothing to send');
      if (replayed) t.is(reasonOf(await send(transport, request)), 'allowed');
      const before = mesh.app.seen;
      if (expected === 'in the handshake') {
        const lines = mesh.peerproof.lines.length;
        await t.throwsAsync(send(transport, request));
        t.deepEqual([mesh.app.seen, mesh.peerproof.lines.length], [before, lines], 'somebody was asked');
        return;
      }
      const answer = await send(listenerFor(transport, attack), request);
      t.is(reasonOf(answer, attack === 'elsewhere' ? 'second' : 'first'), expected, answer.body);
      t.is(mesh.app.seen - before, expected === 'allowed' ? 1 : 0);
      t.is(answer.status === 200, expected === 'allowed');
    });
  }

proofTest('nothing of a token or a proof is in a log', (t) => {
  const parts = sent.filter((text) => /^eyJ/.test(text));
  assertDiscreet(t, [...mesh.peerproof.lines, ...second.lines], parts);
});

function at(transport: (typeof transports)[number], { reason, grpc, http }: Refused): string {
  return (transport === 'http1' ? http : grpc) ?? reason;
}

/** The certificate decides only where TLS has not decided before. */
function listenerFor(transport: string, attack: string): string {
  if (attack === 'elsewhere') return `${transport}-second`;
  return attack === 'expired' || attack === 'early' ? `${transport}-edge` : transport;
}
