import test from 'ava';
import type { Issued } from '../support/ca.ts';
import { GATEWAY_XFCC } from '../support/envoy.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, received, routes, startMesh } from '../support/mesh.ts';

/** An ingress gateway before the sidecar: the external client is the XFCC element before the gateway's own. */

const chains = ['hash', 'certificate'] as const;

let mesh: Mesh;
let partner: Issued;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      peers: { trustDomains: { 'cluster.local': {} }, gateways: [IDS.gateway] },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
        { name: 'rest' },
      ],
    }),
    listeners: (parts) =>
      chains.flatMap((chain) => {
        const through = (who: 'gateway' | 'payments') => ({
          upstream: { listener: `sidecar-${chain}`, tls: parts.tls(who) },
        });
        const edge = parts.tls('gateway', { requireClientCertificate: false, acceptUntrusted: true });
        return [
          {
            name: `sidecar-${chain}`,
            mtls: parts.tls('orders', { requireClientCertificate: false }),
            upstream: { port: parts.app.port },
            routes: routes(parts),
            extAuthz: {
              grpc: parts.authorizer,
              istioPair: true,
              includePeerCertificate: chain === 'certificate',
            },
          },
          { name: `gateway-${chain}`, mtls: edge, xfcc: GATEWAY_XFCC, ...through('gateway') },
          // A proxy that is no configured gateway, and passes on what it is told.
          {
            name: `relay-${chain}`,
            mtls: edge,
            xfcc: { mode: 'FORWARD_ONLY' as const },
            ...through('payments'),
          },
        ];
      }),
  });
  partner = await mesh.ca.issue({ subject: 'CN=partner' });
});

test.after.always(async () => {
  await mesh?.stop();
});

const boundTo = (issued: Issued) => mesh.mint({ cnf: { 'x5t#S256': issued.thumbprint }, client_id: 'none' });
const element = (issued: Issued, uri: string) => `By=${IDS.gateway};Hash=${issued.sha256Hex};URI=${uri}`;
/** As the gateway would have written them: the victim, then the gateway itself. */
const whole = () =>
  `${element(mesh.who.client, IDS.client)},By=${IDS.orders};Hash=${mesh.who.gateway.sha256Hex};URI=${IDS.gateway}`;

for (const chain of chains)
  for (const protocol of ['h1', 'h2'] as const) {
    const gateway = `gateway-${chain}`;

    envoyTest(`${chain}, ${protocol}: the external client's certificate binds`, async (t) => {
      const token = boundTo(partner);
      const answer = await mesh.send(gateway, { who: partner, protocol, token });
      t.is(answer.status, 200, answer.body);
      t.like(mesh.decisionOf(answer), {
        bound_by: 'certificate',
        via: IDS.gateway,
        peer_from: 'xfcc',
        spiffe_id: undefined,
      });
      t.deepEqual(received(answer, 'x-spiffe-id'), []);
      const [forwarded = ''] = received(answer, 'x-forwarded-client-cert');
      t.true(forwarded.startsWith(`By=${IDS.gateway};Hash=${partner.sha256Hex};Cert="`), forwarded);
      t.true(
        forwarded.endsWith(`Hash=${mesh.who.gateway.sha256Hex};Subject="O=SPIRE,C=US";URI=${IDS.gateway}`),
      );

      const stolen = await mesh.send(gateway, { who: 'thief', protocol, token });
      t.is(stolen.status, 401);
      t.like(mesh.decisionOf(stolen), {
        reason: 'binding_certificate_mismatch',
        spiffe_id: IDS.thief,
        via: IDS.gateway,
      });
    });

    envoyTest(`${chain}, ${protocol}: a workload behind the gateway is itself`, async (t) => {
      const answer = await mesh.send(gateway, {
        who: 'client',
        path: '/victim',
        protocol,
        token: mesh.mint(),
      });
      t.is(answer.status, 200, answer.body);
      t.like(mesh.decisionOf(answer), { bound_by: 'workload', via: IDS.gateway, spiffe_id: IDS.client });
      t.deepEqual(received(answer, 'x-spiffe-id'), [IDS.client]);
    });

    envoyTest(`${chain}, ${protocol}: XFCC forged at the gateway, and beside it`, async (t) => {
      const before = mesh.app.seen;
      const token = boundTo(mesh.who.client);
      const forgeries = [element(mesh.who.client, IDS.client), whole()];
      for (const listener of [gateway, `sidecar-${chain}`, `relay-${chain}`])
        for (const who of ['thief', undefined] as const)
          for (const value of forgeries)
            for (const path of ['/', '/victim']) {
              const headers = [['x-forwarded-client-cert', value]] as const;
              const answer = await mesh.send(listener, { who, path, protocol, token, headers });
              t.true([401, 403].includes(answer.status), `${listener} ${who} ${path}: ${answer.status}`);
              t.not(mesh.decisionOf(answer).spiffe_id, IDS.client);
            }
      t.is(mesh.app.seen, before);
    });

    envoyTest(
      `${chain}, ${protocol}: without a client certificate the gateway is the peer, and owns no token`,
      async (t) => {
        for (const token of [boundTo(partner), mesh.mint()]) {
          const answer = await mesh.send(gateway, { protocol, token });
          t.is(answer.status, 401, answer.body);
          t.is(mesh.decisionOf(answer).spiffe_id, IDS.gateway);
        }
      },
    );
  }

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
