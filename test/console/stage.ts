import type { ConfigInput } from '../../src/config/schema.ts';
import { type CheckClient, openCheckClient } from '../support/check-client.ts';
import { type JwksServer, startJwksServer } from '../support/jwks-server.ts';
import { type Claims, createSigner, type JwtSigner } from '../support/jwt-signer.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../support/peerproof-process.ts';

const issuerNames = ['corp', 'partner', 'staff'] as const;
export type IssuerName = (typeof issuerNames)[number];

const account = (name: string) => `spiffe://cluster.local/ns/applications/sa/${name}`;

/** One request. By default `GET orders.example.com/orders/1` from the shop, without a token. */
export interface Call {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly token?: string;
  readonly from?: string;
}

/** A service with three issuers in a process of its own: what the console shows. */
export interface Stage {
  readonly peerproof: PeerproofProcess;
  readonly config: ConfigInput;
  readonly issuers: Readonly<Record<IssuerName, JwksServer>>;
  readonly client: CheckClient;
  /** A token that is good for ten minutes, of the shop and of alice unless the claims say otherwise. */
  mint(issuer: IssuerName, claims?: Claims): string;
  /** Gives the reason of the decision. */
  ask(call: Call, deadlineMs?: number): Promise<string>;
  stop(): Promise<void>;
}

/** How a scene changes the service before it starts. */
export type Change = (usual: ConfigInput) => ConfigInput;

/** Starts everything. If a part fails, it stops what was started. */
export async function startStage(change: Change = (usual) => usual): Promise<Stage> {
  const cleanups: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return { ...(await build(change, cleanups)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(change: Change, cleanups: (() => unknown)[]): Promise<Omit<Stage, 'stop'>> {
  const signer = createSigner('ES256');
  const issuers = {} as Record<IssuerName, JwksServer>;
  for (const name of issuerNames) {
    issuers[name] = await startJwksServer({ signers: [signer] });
    cleanups.push(issuers[name].stop);
  }
  const config = change(usualConfig(issuers));
  const peerproof = await startPeerproofProcess(config);
  cleanups.push(peerproof.stop);
  const client = openCheckClient(peerproof.grpcPort);
  cleanups.push(client.close);
  return {
    ...{ peerproof, config, issuers, client },
    mint: (issuer, claims) => mint(signer, issuers[issuer], claims),
    ask: async (call, deadlineMs) => (await client.check(checkOf(call), deadlineMs)).status.message,
  };
}

/** Short times, so that a scene takes seconds. */
function usualConfig(servers: Readonly<Record<IssuerName, JwksServer>>): ConfigInput {
  const issuer = (name: IssuerName) => ({
    issuer: servers[name].issuer,
    audiences: ['orders'],
    refresh: '1s',
    keep: '1h',
  });
  return {
    issuers: { corp: issuer('corp'), partner: issuer('partner'), staff: issuer('staff') },
    peers: { from: ['principal'], trustDomains: { 'cluster.local': {} } },
    clients: { shop: [account('shop')], till: [account('till')] },
    rules: [
      { name: 'health', match: { paths: ['/healthz'] }, public: true },
      {
        name: 'read-orders',
        match: { hosts: ['orders.example.com'], methods: ['GET'], paths: ['/orders/**'] },
        require: { issuers: [...issuerNames], scopes: ['orders.read'] },
      },
      {
        name: 'write-orders',
        match: { hosts: ['orders.example.com'], methods: ['POST', 'DELETE'], paths: ['/orders/**'] },
        require: { issuers: [...issuerNames], scopes: ['orders.write'] },
      },
      { name: 'reports', match: { paths: ['/reports/**'] }, require: { issuers: ['staff'] } },
    ],
    // Checks that wait need not be waited for at the end.
    drain: { delay: '0ms', timeout: '100ms' },
  };
}

function mint(signer: JwtSigner, { issuer }: JwksServer, claims: Claims = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const usual = { sub: 'alice', client_id: 'shop', scope: 'orders.read', iat: now - 10, exp: now + 600 };
  return signer.sign({ iss: issuer, aud: 'orders', ...usual, ...claims });
}

function checkOf({ method = 'GET', host = 'orders.example.com', path = '/orders/1', token, from }: Call) {
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: token.includes(' ') ? token : `Bearer ${token}` };
  return {
    attributes: {
      source: { principal: account(from ?? 'shop') },
      request: { http: { method, host, path, headers } },
    },
  };
}
