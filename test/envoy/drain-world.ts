import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigInput } from '../../src/config/schema.ts';
import { startApp } from '../support/app.ts';
import { createCa } from '../support/ca.ts';
import type { Client, ClientTls } from '../support/client.ts';
import { type Envoy, startEnvoy } from '../support/envoy.ts';
import type { ExtAuthz } from '../support/envoy-options.ts';
import { QUERY_SECRET } from '../support/envoy-test.ts';
import { type JwksServer, startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS } from '../support/mesh.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../support/peerproof-process.ts';

const IN_FLIGHT = 16;

/** What is around instances of Peerproof that are told to end, whichever door they are asked through. */
export interface DrainWorld {
  readonly issuer: JwksServer;
  readonly signer: ReturnType<typeof createSigner>;
  /** Every token that was ever made. */
  readonly tokens: readonly string[];
  readonly tls: ClientTls;
  mint(claims?: object, by?: ReturnType<typeof createSigner>): string;
  startOne(): Promise<PeerproofProcess>;
  /** An Envoy before them, with a listener `sidecar`. */
  startGate(extAuthz: ExtAuthz, instances: number): Promise<Envoy>;
  /** Keeps requests in flight until `over`; gives each outcome with its count. */
  load(clients: readonly Client[], over: () => boolean): Promise<Map<string, number>>;
  stop(): Promise<void>;
}

/** `config`: what the configuration has beside what all have. */
export async function startDrainWorld(config: Partial<ConfigInput>): Promise<DrainWorld> {
  const signer = createSigner('ES256');
  const tokens: string[] = [];
  const cleanups: (() => unknown)[] = [];
  const { certPem: caPem, svid } = await createCa();
  const [client, orders] = [await svid(IDS.client), await svid(IDS.orders)];
  const app = await startApp();
  cleanups.push(app.stop);
  const issuer = await startJwksServer({ signers: [signer] });
  cleanups.push(issuer.stop);

  const mint: DrainWorld['mint'] = (claims = {}, by = signer) => {
    const exp = Math.floor(Date.now() / 1000) + 300;
    const standard = { iss: issuer.issuer, aud: 'orders', sub: 'alice', client_id: 'orders-client', exp };
    const token = by.sign({ ...standard, cnf: { 'x5t#S256': client.thumbprint }, ...claims });
    tokens.push(token);
    return token;
  };
  return {
    issuer,
    signer,
    tokens,
    tls: { caPem, certPem: client.certPem, keyPem: client.keyPem },
    mint,
    startOne: async () => {
      const one = await startPeerproofProcess({
        issuers: { corp: { issuer: issuer.issuer, audiences: ['orders'], coolDown: '0ms' } },
        peers: { trustDomains: { 'cluster.local': {} } },
        clients: { 'orders-client': [IDS.client] },
        rules: [{ name: 'all' }],
        drain: { delay: '2500ms', timeout: '10s' },
        ...config,
      });
      cleanups.push(one.stop);
      return one;
    },
    startGate: async (extAuthz, instances) => {
      const mtls = { certPem: orders.certPem, keyPem: orders.keyPem, caPem };
      const envoy = await startEnvoy({
        concurrency: 2,
        listeners: [{ name: 'sidecar', mtls, upstream: { port: app.port }, extAuthz }],
      });
      cleanups.push(envoy.stop);
      await envoy.healthyAuthorizers('sidecar', instances);
      return envoy;
    },
    load: async (clients, over) => {
      const outcomes = new Map<string, number>();
      const known = Array.from({ length: 100 }, (_, n) => mint({ jti: `${n}` }));
      const worker = async (n: number) => {
        for (let turn = n; !over(); turn += IN_FLIGHT) {
          // Every fourth token is a new one, so that not all answers come from memory.
          const token = turn % 4 === 0 ? mint({ jti: `new-${turn}` }) : known[turn % known.length];
          const headers = [['authorization', `Bearer ${token}`]] as const;
          // Envoy's own connections to us must also survive the checks of requests with a body.
          const more = turn % 3 === 0 ? { body: 'x'.repeat(10_000) } : {};
          const outcome = await (clients[n % clients.length] as Client)
            .request({ path: `/orders?q=${QUERY_SECRET}`, headers, ...more })
            .then(
              ({ status, body }) => (status === 200 ? 'good' : `${status} ${body}`),
              (error: Error) => error.message,
            );
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          // Without a pause, the test files that run beside this one would wait for a processor.
          await sleep(5);
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => worker(n)));
      return outcomes;
    },
    stop: async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    },
  };
}
