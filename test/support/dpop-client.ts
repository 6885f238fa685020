import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Presented } from './check-world.ts';
import { type Claims, createSigner, type JwtSigner, type SignerAlgorithm } from './jwt-signer.ts';
import { NOW_SECONDS } from './token-fixture.ts';

/** A request to prove: by default GET https://orders.example.com/orders. */
export interface ProvenRequest {
  readonly token: string;
  readonly method?: string;
  readonly url?: string;
  /** More claims of the proof; undefined leaves one out. */
  readonly claims?: Claims;
  /** More members of its header. */
  readonly header?: Claims;
  /** Signs in place of the key of the client. */
  readonly signer?: JwtSigner;
}

/** A client with a key of its own, which proves with it (RFC 9449 §4.2). */
export interface DpopClient {
  readonly signer: JwtSigner;
  readonly publicJwk: JWK;
  /** As jose computes it. */
  readonly thumbprint: string;
  proof(request: ProvenRequest): string;
  /** The token with its proof, as a check presents them. */
  presents(request: ProvenRequest, more?: Presented): Presented;
}

/** @param seconds when it makes its proofs */
export async function createDpopClient(
  alg: SignerAlgorithm = 'ES256',
  seconds = NOW_SECONDS,
): Promise<DpopClient> {
  const signer = createSigner(alg, { kid: null });
  const publicJwk = signer.publicKey.export({ format: 'jwk' }) as JWK;
  const proof = ({ token, method = 'GET', url, claims, header, signer: other = signer }: ProvenRequest) =>
    other.sign(
      {
        jti: randomUUID(),
        htm: method,
        htu: url ?? 'https://orders.example.com/orders',
        iat: seconds,
        ath: createHash('sha256').update(token).digest('base64url'),
        ...claims,
      },
      { typ: 'dpop+jwt', jwk: publicJwk, ...header },
    );
  return {
    signer,
    publicJwk,
    thumbprint: await calculateJwkThumbprint(publicJwk),
    proof,
    presents: (request, { headers, ...more } = {}) => ({
      authorization: `DPoP ${request.token}`,
      ...(request.method !== undefined && { method: request.method }),
      headers: { dpop: proof(request), ...headers },
      ...more,
    }),
  };
}
