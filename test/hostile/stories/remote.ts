import type { ConfigInput } from '../../../src/config/schema.ts';
import { type JwksServer, startJwksServer } from '../../support/jwks-server.ts';
import type { JwtSigner } from '../../support/jwt-signer.ts';
import type { Input } from '../case.ts';
import type { Scene, Stage } from '../story.ts';

type Issuer = NonNullable<ConfigInput['issuers']>[string];

/** An issuer on the network whose keys can be changed while it is asked, and a scene that asks it. */
export interface Remote {
  readonly server: JwksServer;
  readonly scene: Scene;
  /** A request with a token of it. */
  by(signer: JwtSigner, claims?: Record<string, unknown>, header?: Record<string, unknown>): Input;
  /** Requests for the keys so far. */
  fetches(): number;
}

/** Timings are far away unless given, so that nothing happens by itself. */
export async function remote(
  { fixture, scene, teardown }: Stage,
  signers: readonly JwtSigner[],
  issuer: Partial<Issuer> = {},
): Promise<Remote> {
  const server = await startJwksServer({ signers });
  teardown(() => server.stop());
  const config: ConfigInput = {
    issuers: {
      corp: {
        issuer: server.issuer,
        audiences: ['orders'],
        refresh: '24h',
        keep: '24h',
        timeout: '20s',
        ...issuer,
      } as Issuer,
    },
    rules: [{ name: 'bearer', require: { binding: ['none'] } }],
  };
  return {
    server,
    scene: await scene(config),
    by: (signer, claims = {}, header = {}) => ({
      token: signer.sign(fixture.claims({ iss: server.issuer, ...claims }), header),
    }),
    fetches: () => server.count(server.paths.jwks),
  };
}
