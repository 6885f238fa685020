import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config/schema.ts';
import { type JwksServer, startJwksServer } from '../../test/support/jwks-server.ts';
import { type Instance, startInstance } from '../chaos/instance.ts';
import { type Introspector, startIntrospector } from '../chaos/introspector.ts';
import { TRUST_DOMAIN, YES } from './checks.ts';

/** Peerproof as an operator starts it, and its issuers. */
export interface World {
  readonly peerproof: Instance;
  readonly issuer: JwksServer;
  readonly introspector: Introspector;
  /** Writes another configuration that allows the same requests, or sometimes an invalid one. @returns which of them */
  reload(): Promise<'another' | 'broken'>;
  stop(): Promise<void>;
}

/** Milliseconds between two fetches of the keys. */
export const refresh = 2_000;

/** @param keys the first keys of the issuer */
export async function startWorld(keys: readonly Record<string, unknown>[]): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-soak-'));
  const issuer = await startJwksServer();
  issuer.setKeys(keys);
  const introspector = await startIntrospector((token) =>
    token.startsWith(YES) ? { sub: token, client_id: 'storefront', aud: 'orders' } : undefined,
  );
  const discard = async () => {
    await introspector.stop();
    await issuer.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const secret = join(folder, 'secret');
    await writeFile(secret, 'introspection-secret', { mode: 0o600 });
    const config = (turn: number): ConfigInput => ({
      realm: `turn-${turn}`,
      limits: { tokenMemory: turn % 2 === 0 ? '64Mi' : '48Mi' },
      issuers: {
        corp: { issuer: issuer.issuer, audiences: ['orders'], refresh: `${refresh}ms`, coolDown: '1s' },
        opaque: {
          audiences: ['orders'],
          allowInsecureNoExpiry: true,
          introspection: {
            endpoint: introspector.endpoint,
            clientId: 'authorizer',
            clientSecretFile: secret,
          },
        },
      },
      peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
      clients: { storefront: [`spiffe://${TRUST_DOMAIN}/ns/applications/sa/*`] },
      rules: [
        { name: 'health', match: { paths: ['/healthz'] }, public: true },
        {
          name: 'orders',
          match: { paths: ['/orders/**'] },
          require: { binding: ['certificate', 'workload'] },
        },
      ],
    });
    // The log of a million checks is written, but not stored.
    const peerproof = await startInstance(config(0), {
      args: ['--workers', '1'],
      // The old space of Node in the pod of the Helm chart: half of its 512 MiB.
      nodeArgs: [
        '--max-old-space-size=256',
        '--expose-gc',
        '--import',
        new URL('collect.ts', import.meta.url).href,
      ],
      output: { path: '/dev/null' },
    });
    let turn = 0;
    return {
      peerproof,
      issuer,
      introspector,
      async reload() {
        turn++;
        const broken = turn % 4 === 3;
        await peerproof.write(broken ? 'rules: [{name: x' : config(turn));
        return broken ? 'broken' : 'another';
      },
      stop: async () => {
        await peerproof.stop();
        await discard();
      },
    };
  } catch (error) {
    await discard();
    throw error;
  }
}
