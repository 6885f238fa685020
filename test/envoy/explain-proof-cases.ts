import type { RefusalReason } from '../../src/core/reasons.ts';
import { createDpopClient, type ProvenRequest } from '../support/dpop-client.ts';
import type { Mesh, Send } from '../support/mesh.ts';
import { type EnvoyCase, sends } from './explain-case.ts';

/** Refusals of DPoP proofs. */

const now = Math.floor(Date.now() / 1000);
const [holder, thief] = await Promise.all([createDpopClient('ES256', now), createDpopClient('ES256', now)]);
const url = 'https://app.test/keyed/1';
const keyed = (mesh: Mesh) => mesh.mint({ cnf: { jkt: holder.thumbprint } });

/** The token of the holder with these proofs. */
const sent = (token: string, ...proofs: readonly string[]): Send => ({
  path: '/keyed/1',
  headers: [['authorization', `DPoP ${token}`], ...proofs.map((proof) => ['dpop', proof] as const)],
});

/** With a proof that differs from a good one in these parts. */
const proven = (parts: Partial<ProvenRequest>, words: RegExp, client = holder): EnvoyCase =>
  sends((mesh) => {
    const token = keyed(mesh);
    return sent(token, client.proof({ token, url, ...parts }));
  }, words);

export const proofCases = {
  token_scheme_downgraded: sends(
    (mesh) => ({ path: '/keyed/1', token: keyed(mesh) }),
    /it was sent as Bearer[\s\S]*treat the token as stolen/,
  ),
  proof_missing: sends((mesh) => sent(keyed(mesh)), /the header is missing[\s\S]*passes the header on/),
  proof_ambiguous: sends((mesh) => sent(keyed(mesh), 'a', 'b'), /several values/),
  proof_too_large: proven({ claims: { more: 'x'.repeat(8_000) } }, /more than 8192/),
  proof_malformed: proven({ header: { typ: 'JWT' } }, /typ is "JWT" instead of "dpop\+jwt"/),
  proof_algorithm_not_allowed: proven({ header: { alg: 'none' } }, /alg "none" is not accepted/),
  proof_key_unsuitable: proven({ header: { jwk: { kty: 'oct', k: 'x' } } }, /the key is symmetric/),
  proof_key_mismatch: proven({}, /the token is bound to [\w-]{43}, the thumbprint of the proof/, thief),
  proof_method_mismatch: proven({ method: 'POST' }, /htm is "POST", the method is GET/),
  proof_target_mismatch: proven(
    { url: 'http://app.test/keyed/1' },
    /htu is http:\/\/app\.test[\s\S]*external origin/,
  ),
  proof_token_mismatch: proven({ claims: { ath: 'x' } }, /ath is "x"/),
  proof_expired: proven({ claims: { iat: now - 600 } }, /the proof was made/),
  proof_not_yet_valid: proven({ claims: { iat: now + 600 } }, /Synchronize the clocks/),
  proof_signature_invalid: proven({ signer: thief.signer }, /alg ES256/),
} satisfies Partial<Record<RefusalReason, EnvoyCase>>;

/** Where the service asks for nonces. */
export const nonceCases = {
  proof_nonce_missing: proven({}, /nonce is missing/),
  proof_nonce_expired: proven({ claims: { nonce: 'x' } }, /nonce is "x"/),
} satisfies Partial<Record<RefusalReason, EnvoyCase>>;
