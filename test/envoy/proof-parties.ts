import type { Attack } from '../hostile/proof-attacks.ts';
import type { Issued } from '../support/ca.ts';
import { createDpopClient, type DpopClient } from '../support/dpop-client.ts';
import type { Who } from '../support/identities.ts';
import { type Claims, createSigner, type JwtSigner } from '../support/jwt-signer.ts';
import { goodClaims } from '../support/token-fixture.ts';

export interface Sent {
  /** The owner of the certificate of the connection. By default there is none. */
  readonly who?: Who | Issued;
  readonly method?: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string;
}

/** Who signs, and who sends. */
export interface Parties {
  readonly corp: JwtSigner;
  readonly spire: JwtSigner;
  readonly wits: JwtSigner;
  readonly stranger: JwtSigner;
  readonly holder: JwtSigner;
  readonly thief: JwtSigner;
  readonly dpop: DpopClient;
  readonly dpopThief: DpopClient;
}

export const SPIRE = 'https://spire.example.com';
export const SERVER = 'https://as.example.com';
export const DAY = 86_400;
export const seconds = () => Math.floor(Date.now() / 1_000);

export async function createParties(): Promise<Parties> {
  const [corp, spire, wits, holder, thief] = Array.from({ length: 5 }, () => createSigner('ES256'));
  const stranger = createSigner('ES256', { kid: spire?.kid ?? null });
  const dpop = await createDpopClient('ES256', seconds());
  const dpopThief = await createDpopClient('ES256', seconds());
  return { corp, spire, wits, stranger, holder, thief, dpop, dpopThief } as Parties;
}

/** `again` and `elsewhere` send what is right. */
export type Makers = {
  readonly [Kind in Exclude<Attack, 'again' | 'elsewhere'>]?: () => Sent | Promise<Sent>;
};

export const bearer = (token: string) => ['authorization', `Bearer ${token}`] as const;
/** An access token of the shop. */
export const access = ({ corp }: Parties, more: Claims = {}) =>
  corp.sign(goodClaims({ iat: seconds(), exp: seconds() + 300, client_id: 'shop', ...more }));
