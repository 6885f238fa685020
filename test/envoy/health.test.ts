import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { startApp } from '../support/app.ts';
import { type Ca, createCa, type Issued } from '../support/ca.ts';
import { httpCheck, openCheckClient } from '../support/check-client.ts';
import { request } from '../support/client.ts';
import { startEnvoy } from '../support/envoy.ts';
import { envoyTest } from '../support/envoy-test.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { type Peerproof, startPeerproof } from '../support/peerproof.ts';

/** The health service of the gRPC port, and its clients. */

const SERVICE = 'envoy.service.auth.v3.Authorization';
const PUBLIC = [{ name: 'open', public: true as const }];

let ca: Ca;
let client: Issued;
let stranger: Issued;
let folder: string;
let grpcTls: (clientCa: boolean) => NonNullable<ConfigInput['grpc']>;

test.before(async () => {
  ca = await createCa();
  client = await ca.svid('spiffe://cluster.local/ns/applications/sa/envoy');
  stranger = await (await createCa()).svid('spiffe://cluster.local/ns/applications/sa/envoy');
  const server = await ca.server();
  folder = await mkdtemp(join(tmpdir(), 'peerproof-health-'));
  const files = { cert: server.certPem, key: server.keyPem, ca: ca.certPem };
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, `${name}.pem`), text, { mode: 0o600 });
  grpcTls = (clientCa) => ({
    tls: {
      certFile: join(folder, 'cert.pem'),
      keyFile: join(folder, 'key.pem'),
      ...(clientCa && { clientCaFile: join(folder, 'ca.pem') }),
    },
  });
});

test.after.always(async () => {
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function readyz(peerproof: Peerproof) {
  const { status, body } = await peerproof.page('/readyz');
  return { status, ...JSON.parse(body) };
}

test('health – NOT_SERVING until the issuers were tried, SERVING after, NOT_SERVING while draining', async (t) => {
  const issuer = await startJwksServer();
  issuer.behave(issuer.paths.openid, { kind: 'late', ms: 4_000 });
  const peerproof = await startPeerproof({
    issuers: { corp: { issuer: issuer.issuer, audiences: ['orders'] } },
    rules: [{ name: 'rest' }],
    drain: { delay: '4s', timeout: '2s' },
  });
  const grpc = openCheckClient(peerproof.grpcPort);
  try {
    for (const service of ['', SERVICE]) t.is(await grpc.health(service), 'NOT_SERVING');
    t.like(await readyz(peerproof), { status: 503, ready: false, state: 'starting' });
    t.is((await peerproof.page('/healthz')).status, 200);
    // Who asks all the same is told that it is an outage.
    const early = await grpc.check(httpCheck('e30.e30.e30'));
    t.truthy(early.deniedResponse);
    await peerproof.ready;
    for (const service of ['', SERVICE]) t.is(await grpc.health(service), 'SERVING');
    t.like(await readyz(peerproof), { status: 200, ready: true, state: 'serving' });
    await t.throwsAsync(grpc.health('other.Service'), { message: /NOT_FOUND/ });

    const drained = peerproof.drain();
    for (const service of ['', SERVICE]) t.is(await grpc.health(service), 'NOT_SERVING');
    t.like(await readyz(peerproof), { status: 503, ready: false, state: 'draining' });
    // Not yet noticed by everyone: still answered.
    t.truthy((await grpc.check(httpCheck())).deniedResponse);
    await drained;
    await t.throwsAsync(grpc.health());
  } finally {
    grpc.close();
    await peerproof.drain();
    await issuer.stop();
  }
});

test('health – draining before it was ready: never SERVING', async (t) => {
  const issuer = await startJwksServer();
  issuer.behave(issuer.paths.openid, { kind: 'late', ms: 1_000 });
  const peerproof = await startPeerproof({
    issuers: { corp: { issuer: issuer.issuer, audiences: ['orders'] } },
    rules: [{ name: 'rest' }],
    drain: { delay: '6s', timeout: '1s' },
  });
  const grpc = openCheckClient(peerproof.grpcPort);
  try {
    const drained = peerproof.drain();
    await peerproof.ready;
    t.is(await grpc.health(), 'NOT_SERVING');
    t.is((await readyz(peerproof)).state, 'draining');
    await drained;
  } finally {
    grpc.close();
    await issuer.stop();
  }
});

for (const mutual of [false, true])
  test(`health – the gRPC port with ${mutual ? 'mTLS' : 'TLS'}`, async (t) => {
    const peerproof = await startPeerproof({ rules: PUBLIC, grpc: grpcTls(mutual) });
    await peerproof.ready;
    const ask = async (tls: Parameters<typeof openCheckClient>[1]) => {
      const grpc = openCheckClient(peerproof.grpcPort, tls);
      try {
        await grpc.check(httpCheck());
        return await grpc.health();
      } catch {
        return 'refused';
      } finally {
        grpc.close();
      }
    };
    try {
      const bare = { caPem: ca.certPem };
      t.is(await ask({ ...bare, ...client }), 'SERVING');
      t.is(await ask(bare), mutual ? 'refused' : 'SERVING');
      t.is(await ask({ ...bare, ...stranger }), mutual ? 'refused' : 'SERVING');
      t.is(await ask(undefined), 'refused');
      // Only those that were let in were decided about.
      t.is(peerproof.decisions().length, mutual ? 1 : 3);
    } finally {
      await peerproof.drain();
    }
  });

envoyTest('Envoy asks over mTLS, and does not believe another authorizer', async (t) => {
  const peerproof = await startPeerproof({ rules: PUBLIC, grpc: grpcTls(true) });
  await peerproof.ready;
  const app = await startApp();
  const upstream = { port: app.port };
  const grpc = { ports: [peerproof.grpcPort] };
  const foreign = await createCa();
  const envoy = await startEnvoy({
    listeners: [
      { name: 'good', upstream, extAuthz: { grpc: { ...grpc, tls: { ...client, caPem: ca.certPem } } } },
      {
        name: 'stranger',
        upstream,
        extAuthz: { grpc: { ...grpc, tls: { ...stranger, caPem: ca.certPem } } },
      },
      {
        name: 'foreign',
        upstream,
        extAuthz: { grpc: { ...grpc, tls: { ...client, caPem: foreign.certPem } } },
      },
    ],
  });
  try {
    t.is((await request({ port: envoy.port('good') })).status, 200);
    for (const listener of ['stranger', 'foreign'])
      t.is((await request({ port: envoy.port(listener) })).status, 403);
    t.is(app.seen, 1);
    t.is(peerproof.decisions().length, 1);
  } finally {
    await envoy.stop();
    await app.stop();
    await peerproof.drain();
  }
});
