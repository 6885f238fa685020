import test from 'ava';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type Mesh, startMesh } from '../support/mesh.ts';

/**
 * With `chain: true` Envoy writes whatever certificates a client sends along into XFCC, behind its own limit of 60 KiB: a
 * client without a token makes the head of a check over HTTP as large as it likes, up to some 150 KB.
 */

let mesh: Mesh;
const protocols = ['http1', 'http2'] as const;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      http: { xfcc: 'direct' },
      peers: { trustDomains: { 'cluster.local': {} } },
      rules: [{ name: 'all' }],
    }),
    listeners: (parts) =>
      protocols.map((protocol) => ({
        name: protocol,
        mtls: parts.tls('orders'),
        xfcc: { mode: 'SANITIZE_SET', cert: true, chain: true, uri: true },
        upstream: { port: parts.app.port },
        extAuthz: {
          failureModeAllow: true,
          http: { ports: [parts.httpPort], protocol },
          allowedHeaders: ['x-forwarded-client-cert'],
        },
      })),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

/** How many checks Envoy let in without an answer, for a client that sends so many certificates more than its own. */
async function letIn(listener: (typeof protocols)[number], certificates: number): Promise<number> {
  const stat = () => mesh.envoy.stat(`http.${listener}.ext_authz.peerproof.failure_mode_allowed`);
  const before = await stat();
  const client = mesh.who.client;
  const who = { ...client, certPem: client.certPem + mesh.who.thief.certPem.repeat(certificates) };
  // Neither the answer nor the application may take a header of such a length; Envoy counts what matters here.
  await mesh.send(listener, { who }).catch(() => undefined);
  return (await stat()) - before;
}

for (const listener of protocols)
  envoyTest(`${listener} – a head of up to 140 KB is answered, and kept out`, async (t) => {
    const denied = () => mesh.envoy.stat(`http.${listener}.ext_authz.peerproof.denied`);
    const before = await denied();
    for (const certificates of [40, 80, 90]) t.is(await letIn(listener, certificates), 0, `${certificates}`);
    t.is(await denied(), before + 3);
  });

envoyTest('http1 – so is every larger one', async (t) => {
  t.is(await letIn('http1', 120), 0);
});

// A limit, not a goal, and said in SECURITY.md: nghttp2 ends the connection for a header line of more than 64 KiB.
envoyTest('known limit – http2: a certificate chain of more than that ends the connection', async (t) => {
  t.is(await letIn('http2', 120), 1);
});
