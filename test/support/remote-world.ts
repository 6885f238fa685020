import type { ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { type CheckWorld, createCheckWorld, NOW, type Presented } from './check-world.ts';
import { type JwksServer, type JwksServerOptions, startJwksServer } from './jwks-server.ts';
import { type Claims, createSigner, type JwtSigner } from './jwt-signer.ts';
import { anyBearer, goodClaims } from './token-fixture.ts';

/** An issuer on the network, and a configuration that asks it. */
export interface RemoteWorld extends CheckWorld {
  readonly server: JwksServer;
  readonly signer: JwtSigner;
  /** A check with a token of this issuer, signed by its first key unless said otherwise. */
  checkToken(by?: JwtSigner, claims?: Claims, presented?: Presented): ReturnType<CheckWorld['check']>;
  /** Fetches the keys now, as the timer would. */
  refetch(): Promise<void>;
}

/**
 * Timings are far away unless given, so that nothing happens by itself; `before` runs when the issuer is up. All of it
 * ends with the test.
 */
export async function createRemoteWorld(
  t: ExecutionContext,
  options: {
    issuer?: Partial<NonNullable<ConfigInput['issuers']>[string]>;
    server?: JwksServerOptions;
    before?: (server: JwksServer) => void | Promise<void>;
    viaJwksUri?: boolean;
    checkTimeout?: number;
  } = {},
): Promise<RemoteWorld> {
  const signer = createSigner('ES256');
  const server = await startJwksServer({ signers: [signer], ...options.server });
  t.teardown(() => server.stop());
  await options.before?.(server);
  const world = await createCheckWorld(
    {
      issuers: {
        corp: {
          issuer: server.issuer,
          audiences: ['orders'],
          refresh: '24h',
          ...(options.viaJwksUri && { jwksUri: server.jwksUri }),
          ...options.issuer,
        },
      },
      rules: [anyBearer],
    },
    { now: NOW, ...(options.checkTimeout !== undefined && { checkTimeout: options.checkTimeout }) },
  );
  t.teardown(() => world.stop());
  return {
    ...world,
    server,
    signer,
    checkToken: (by = signer, claims = {}, presented = {}) =>
      world.check({ ...presented, token: by.sign(goodClaims({ iss: server.issuer, ...claims })) }),
    refetch: async () => {
      await Promise.all(world.issuers.map(({ source }) => source.start()));
    },
  };
}
