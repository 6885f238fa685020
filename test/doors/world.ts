import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config/schema.ts';
import { startAllOrNothing } from '../support/all-or-nothing.ts';
import { type App, startApp } from '../support/app.ts';
import { type Ca, createCa, type Issued } from '../support/ca.ts';
import { IDS, type Who } from '../support/identities.ts';
import { listen } from '../support/listening.ts';
import { type Peerproof, startPeerproof } from '../support/peerproof.ts';
import { inlineIssuer } from '../support/token-fixture.ts';
import { createMint } from './mint.ts';
import { rules } from './rules.ts';
import { introspected, type Mint } from './tokens.ts';
import { ISSUER, OPAQUE_ISSUER } from './verdicts.ts';

/** One Peerproof, which all doors ask, and an application behind them. */
export interface DoorWorld {
  readonly ca: Ca;
  readonly who: Readonly<Record<Who, Issued>>;
  readonly app: App;
  readonly mint: Mint;
  readonly peerproof: Peerproof;
  stop(): Promise<void>;
}

/** Where the others ask: each describes the original request, or its certificate, with other headers. */
export const FORWARD_AUTH = {
  nginx: { path: '/oauth2/auth', original: 'x-original', certificateHeader: 'x-client-certificate' },
  caddy: { path: '/caddy/auth', original: 'x-forwarded', certificateHeader: 'x-client-certificate' },
  traefik: {
    path: '/traefik/auth',
    original: 'x-forwarded',
    certificateHeader: 'x-forwarded-tls-client-cert',
  },
} as const;

/** Starts everything but the proxies; when one part fails, what was started is ended again. */
export function startDoorWorld(): Promise<DoorWorld> {
  return startAllOrNothing(build);
}

async function build(cleanups: (() => unknown)[]): Promise<Omit<DoorWorld, 'stop'>> {
  const ca = await createCa();
  const who = {} as Record<Who, Issued>;
  for (const [name, id] of Object.entries(IDS)) who[name as Who] = await ca.svid(id);
  who.rotated = await ca.svid(IDS.client);
  const app = await startApp();
  cleanups.push(app.stop);
  const { mint, signer } = createMint(who.client);
  const opaque = await startOpaqueIssuer(cleanups);
  const peerproof = await startPeerproof({
    ...peerproofConfig,
    issuers: { corp: inlineIssuer([signer], { issuer: ISSUER }), opaque },
  });
  cleanups.push(peerproof.drain);
  await peerproof.ready;
  return { ca, who, app, mint, peerproof };
}

/** What every door needs at once. A real installation has the settings of its one door. */
const peerproofConfig: Omit<ConfigInput, 'issuers'> = {
  peers: {
    from: ['attribute', 'xfcc', 'principal'],
    trustDomains: { 'cluster.local': {} },
    waypoints: [IDS.orders],
  },
  clients: { 'orders-client': [IDS.client] },
  http: {
    pathPrefix: '/check',
    xfcc: 'direct',
    forwardAuth: Object.values(FORWARD_AUTH).map((one) => ({ ...one, proxies: ['127.0.0.1'] })),
  },
  rules,
};

/** An introspection endpoint (RFC 7662), as Peerproof is configured for it. */
async function startOpaqueIssuer(cleanups: (() => unknown)[]) {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-doors-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const clientSecretFile = join(folder, 'secret');
  await writeFile(clientSecretFile, 'the-secret-of-peerproof', { mode: 0o600 });
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const token = new URLSearchParams(body).get('token') ?? '';
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(introspected(token, OPAQUE_ISSUER, Math.floor(Date.now() / 1000))));
  });
  const port = await listen(server);
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const introspection = {
    ...{ endpoint: `http://127.0.0.1:${port}/introspect`, clientId: 'peerproof', clientSecretFile },
  };
  return { issuer: OPAQUE_ISSUER, audiences: ['orders'], introspection };
}
