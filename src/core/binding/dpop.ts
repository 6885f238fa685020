import { hash } from 'node:crypto';
import { excerpt, quoted, valueText } from '../../lib/excerpt.ts';
import { Malformed } from '../../lib/malformed.ts';
import { formatTime } from '../../lib/time.ts';
import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import type { DpopSettings } from './dpop-settings.ts';
import type { Proof, Prove } from './proof.ts';
import { readProof, signedProof } from './proof-jwt.ts';
import { importKey, readProofKey } from './proof-key.ts';
import { normalTarget, requestTarget } from './target.ts';

/** RFC 9449 §4.1 and §4.2. */
export const dpopForm = { header: 'dpop', typ: 'dpop+jwt' } as const;

/**
 * DPoP (RFC 9449 §4.3 and §7.1): the token is bound to a key (`cnf.jkt`), and the header `DPoP` holds a proof
 * that this key signed for this request and this token. Everything cheap is compared first, so the signature
 * is verified only of a proof that names the right key, method, address, token and time. The proof holds once.
 * A token without `cnf.jkt` is denied.
 */
const prove: Prove = ({ confirmation, presented, request, settings, now }) => {
  const { dpop } = settings;
  if (!confirmation) return new Denial('binding_missing', 'dpop: the token has no cnf.jkt');
  if (presented.scheme !== 'dpop')
    return new Denial('token_scheme_downgraded', 'dpop: the token has a cnf.jkt, and it was sent as Bearer');
  const proof = readProof(request.headers.dpop, { ...dpopForm, algorithms: dpop.algorithms });
  if (proof instanceof Denial) return proof;
  const key = readProofKey(proof.jws.header.jwk, proof.alg, 'dpop');
  if (key instanceof Denial) return key;
  const claims = readClaims(proof.jws.payload);
  if (claims instanceof Denial) return claims;
  if (key.thumbprint !== confirmation.value)
    return new Denial(
      'proof_key_mismatch',
      `dpop: the token is bound to ${confirmation.value}, the thumbprint of the proof is ${key.thumbprint}`,
    );
  const another =
    compareRequest(claims, request, dpop) ?? compareToken(claims.ath, dpop.digest(presented.token));
  if (another) return another;
  const until = holdsUntil(claims, dpop, now);
  if (until instanceof Denial) return until;

  const known = dpop.keys.get(key.thumbprint);
  const made = known ?? importKey(key);
  if (!made)
    return new Denial('proof_key_unsuitable', 'dpop: the numbers of the key are no key, or a weak one');
  if (!signedProof(proof, made)) return new Denial('proof_signature_invalid', `dpop: alg ${proof.alg}`);
  if (!known) dpop.keys.set(key.thumbprint, made);
  return { id: hash('sha256', `dpop ${key.thumbprint} ${claims.jti}`, 'base64url'), until };
};

interface Claims {
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  readonly iat: number;
  readonly ath: unknown;
  readonly nonce: unknown;
}

/** Characters. A UUID has 36. */
const longestId = 256;

function readClaims({ jti, htm, htu, iat, ath, nonce }: Readonly<Record<string, unknown>>): Claims | Denial {
  if (typeof jti !== 'string' || jti === '' || jti.length > longestId)
    return malformed(`jti is not a text of 1 to ${longestId} characters`);
  if (typeof htm !== 'string') return malformed('htm is not a text');
  if (typeof htu !== 'string') return malformed('htu is not a text');
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return malformed('iat is not a finite number');
  return { jti, htm, htu, iat, ath, nonce };
}

function malformed(why: string): Denial {
  return new Denial('proof_malformed', `dpop: ${why}`);
}

/** The method counts with its case (RFC 9110 §9.1). Scheme and host are those that clients use. */
function compareRequest(
  { htm, htu }: Claims,
  request: PresentedRequest,
  { origins }: DpopSettings,
): Denial | undefined {
  const { method } = request;
  if (htm !== method)
    return new Denial('proof_method_mismatch', `dpop: htm is ${quoted(htm, 40)}, the method is ${method}`);
  const named = normalTarget(htu);
  if (named instanceof Malformed) return malformed(`htu: ${named.why}`);
  const here = requestTarget(origins.get(request.host.toLowerCase()), request);
  if (here === named) return undefined;
  const seen = here instanceof Malformed ? `not an address (${here.why})` : excerpt(here, 200);
  return new Denial(
    'proof_target_mismatch',
    `dpop: htu is ${excerpt(named, 200)}, the request is for ${seen}`,
  );
}

function compareToken(ath: unknown, digest: string): Denial | undefined {
  if (ath === digest) return undefined;
  return new Denial(
    'proof_token_mismatch',
    `dpop: ath is ${valueText(ath, 43)}, the SHA-256 of the token is ${digest}`,
  );
}

/**
 * Until when the proof is accepted. If nonces are asked for, the nonce says when the proof was made, and `iat`
 * does not count: the clock of the client may be wrong then (RFC 9449 §4.3 step 11).
 */
function holdsUntil(
  { iat, nonce }: Claims,
  { nonces, maxAge, clockSkew }: DpopSettings,
  now: number,
): number | Denial {
  if (nonces) {
    const until = typeof nonce === 'string' ? nonces.holdsUntil(nonce, now) : undefined;
    if (until !== undefined) return until;
    const [reason, why] =
      nonce === undefined
        ? (['proof_nonce_missing', 'nonce is missing'] as const)
        : (['proof_nonce_expired', `nonce is ${valueText(nonce, 40)}`] as const);
    return new Denial(reason, `dpop: ${why}`, { nonce: nonces.current(now) });
  }
  const made = iat * 1_000;
  if (made > now + clockSkew)
    return new Denial('proof_not_yet_valid', `dpop: the proof was made ${formatTime(made)}`);
  const until = made + maxAge + clockSkew;
  return now < until
    ? until
    : new Denial(
        'proof_expired',
        `dpop: the proof was made ${formatTime(made)}, and holds ${maxAge / 1000} s`,
      );
}

export const dpop: Proof = {
  confirmations: ['jkt'],
  kinds: ['access-token', 'opaque-token'],
  needsPeer: false,
  prove,
  described: {
    reads: 'the header `DPoP`, and `cnf.jkt` of the token',
    verifies: 'that the key of the token has signed this method, this address and this token, now and once',
    bindsTo: 'one key that the client has made',
    doesNotProtectFrom:
      'a sender who can use the private key, or who changes headers, query or body of the request before it arrives',
  },
};
