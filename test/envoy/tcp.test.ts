import test from 'ava';
import { tcpExchange } from '../support/client-tcp.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, startMesh, type Who } from '../support/mesh.ts';
import { freePort } from '../support/ports.ts';

/** Connections without HTTP: Envoy's network filter asks, and the peer alone decides. */

const listeners = ['orders', 'orders-certificate', 'payments', 'port', 'plain', 'open'] as const;
type Listener = (typeof listeners)[number];

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  const port = await freePort();
  mesh = await startMesh({
    config: () => ({
      peers: { trustDomains: { 'cluster.local': {} } },
      rules: [
        // Rules of HTTP never cover a connection.
        { name: 'http', public: true },
        { name: 'by-port', match: { protocol: 'tcp', ports: [port] }, require: { peers: [IDS.thief] } },
        {
          name: 'orders',
          match: { protocol: 'tcp', destinations: ['spiffe://cluster.local/ns/*/sa/orders'] },
          require: { peers: [IDS.client, 'spiffe://evil.example/**'] },
        },
      ],
    }),
    listeners: (parts) =>
      listeners.map((name) => ({
        kind: 'tcp',
        name,
        ...(name === 'port' && { port }),
        ...(name !== 'plain' && {
          mtls: parts.tls(name === 'payments' ? 'payments' : 'orders', { requireClientCertificate: false }),
        }),
        upstream: { port: parts.tcpEcho.port },
        extAuthz: {
          grpc: parts.authorizer,
          istioPair: true,
          includePeerCertificate: name === 'orders-certificate',
          failureModeAllow: name === 'open',
        },
      })),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

async function connect(listener: Listener, who?: Who) {
  // Envoy connects to the application at once and asks when the first bytes come; not one of them may go on before.
  const sent = () => mesh.envoy.stat(`cluster.inbound|${listener}.upstream_cx_tx_bytes_total`);
  const before = await sent();
  const count = mesh.peerproof.decisions().length;
  const answer = await tcpExchange({
    port: mesh.envoy.port(listener),
    ...(listener !== 'plain' && { tls: mesh.clientTls(who) }),
    send: 'ping',
  });
  const lines = mesh.peerproof.decisions().slice(count);
  return { ...answer, passed: (await sent()) - before, line: lines[0], asked: lines.length };
}

for (const listener of ['orders', 'orders-certificate', 'open'] as const) {
  envoyTest(`${listener}: the workload that the rule names`, async (t) => {
    const { line, ...outcome } = await connect(listener, 'client');
    t.deepEqual(outcome, { received: 'ping', closedByPeer: false, passed: 4, asked: 1 });
    t.like(line, {
      effect: 'allow',
      rule: 'orders',
      spiffe_id: IDS.client,
      destination: IDS.orders,
      peer_from: listener === 'orders-certificate' ? 'attribute' : 'principal',
    });
  });

  for (const [who, reason] of [
    ['thief', 'peer_not_allowed'],
    ['foreign', 'peer_trust_domain_not_allowed'],
    [undefined, 'peer_missing'],
  ] as const)
    envoyTest(`${listener}: ${who ?? 'nobody'}: closed without a byte`, async (t) => {
      const { line, ...outcome } = await connect(listener, who);
      t.deepEqual(outcome, { received: '', closedByPeer: true, passed: 0, asked: 1 });
      t.like(line, { effect: 'deny', reason, rule: 'orders' });
    });
}

envoyTest('a destination without a rule', async (t) => {
  const { line, ...outcome } = await connect('payments', 'client');
  t.deepEqual(outcome, { received: '', closedByPeer: true, passed: 0, asked: 1 });
  t.like(line, { reason: 'no_rule', destination: IDS.payments });
});

envoyTest('a rule by port', async (t) => {
  t.like(await connect('port', 'thief'), { received: 'ping', line: { rule: 'by-port', effect: 'allow' } });
  t.like(await connect('port', 'client'), { received: '', line: { rule: 'by-port', effect: 'deny' } });
});

envoyTest('without TLS there is neither peer nor destination', async (t) => {
  t.like(await connect('plain'), { received: '', closedByPeer: true, line: { reason: 'no_rule' } });
});

envoyTest('the log holds no certificate', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
