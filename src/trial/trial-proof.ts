import { hash, randomUUID } from 'node:crypto';
import type { DpopSettings } from '../core/binding/dpop-settings.ts';
import type { Nonces } from '../core/binding/nonces.ts';
import { readProofKey } from '../core/binding/proof-key.ts';
import { Denial } from '../core/denial.ts';
import type { PresentedRequest } from '../core/evidence.ts';
import type { JsonObject } from '../lib/json.ts';
import { cheapest, keyPair, signToken } from './trial-keys.ts';

/** The sender of every token that is bound to a key: it has the key, and makes proofs with it (RFC 9449 §4.2). */
export interface TrialProver {
  /** For the `cnf` of its tokens. */
  readonly jkt: string;
  /** A proof for a request that brings the token. It is good at any time of the trial. */
  prove(request: Pick<PresentedRequest, 'method' | 'host' | 'path'>, token: string): string;
}

/** Where a service asks for nonces, a trial asks for its own. Time stands still, so there is one. */
export const trialNonces: Nonces = {
  keys: [],
  current: () => 'trial',
  holdsUntil: (nonce, now) => (nonce === 'trial' ? now + 1 : undefined),
};

/** @param now milliseconds since the epoch */
export function createTrialProver({ algorithms, origins, nonces }: DpopSettings, now: number): TrialProver {
  const alg = cheapest([...algorithms]);
  const jwk = keyPair(alg).publicKey.export({ format: 'jwk' });
  const key = readProofKey(jwk, alg, 'dpop');
  if (key instanceof Denial) throw new TypeError(key.detail);
  return {
    jkt: key.thumbprint,
    prove({ method, host, path }, token) {
      const [before = ''] = path.split(/[?#]/, 1);
      const claims: JsonObject = {
        jti: randomUUID(),
        htm: method,
        htu: (origins.get(host.toLowerCase()) ?? `https://${host}`) + before,
        iat: Math.floor(now / 1000),
        ath: hash('sha256', token, 'base64url'),
        ...(nonces && { nonce: nonces.current(now) }),
      };
      return signToken(claims, { typ: 'dpop+jwt', jwk }, alg);
    },
  };
}
