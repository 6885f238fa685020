import { hash } from 'node:crypto';
import { excerpt, listed, valueText } from '../../lib/excerpt.ts';
import { type JsonObject, recordOf } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { formatTime } from '../../lib/time.ts';
import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import type { AlgorithmName } from '../token/algorithms.ts';
import { wpt } from '../token/wit-carriers.ts';
import type { Claimant, Proof, Prove } from './proof.ts';
import { type PresentedProof, readProof, signedProof } from './proof-jwt.ts';
import { importKey, type PresentedKey } from './proof-key.ts';
import { normalTarget, requestTarget } from './target.ts';
import { readWorkloadProof } from './wit-carrier.ts';
import { findHolder } from './wit-holder.ts';
import type { WitSettings } from './wit-settings.ts';
import { checkOtherHashes, checkTokenHashes } from './wit-tokens.ts';

/** Characters of an identifier. It is only hashed. */
const maxJtiLength = 256;

/**
 * Workload proof token (WPT, draft-ietf-wimse-wpt-02 §2): the sender signs a short-lived token for this
 * target and its workload identity token (WIT), with the key that the issuer put into the WIT (`cnf.jwk`).
 * Beside an access token, the workload must also be its owner, and the proof must name it (`ath`, wpt-01).
 * Holds once: its `jti` must not come again from the same key. Does **not** cover method, query, body, or
 * headers that it does not name.
 */
const prove: Prove = (claimant) => {
  const { request, now } = claimant;
  const settings = settingsOf(claimant);
  const holder = findHolder(claimant);
  if (holder instanceof Denial) return holder;
  const { token, text, key } = holder;
  const sent = readWorkloadProof(request, settings.drafts);
  if (sent instanceof Denial) return sent;
  const algorithms = new Set([algorithmOf(token.confirmation)]);
  const proof = readProof(sent, { header: 'wit', typ: wpt.type, algorithms });
  if (proof instanceof Denial) return proof;
  const { payload } = proof.jws;
  const unfit =
    checkTime(payload, settings, now) ??
    checkAudience(payload.aud, request, settings) ??
    checkTokenHashes(payload, request, text, settings.digest) ??
    checkSignature(proof, key, settings) ??
    checkOtherHashes(payload, request, settings.digest);
  if (unfit) return unfit;
  const id = hash('sha256', `wpt ${key.thumbprint} ${payload.jti}`, 'base64url');
  return { id, until: Number(payload.exp) * 1000 + settings.clockSkew };
};

function settingsOf({ settings: { wit: settings } }: Claimant): WitSettings {
  if (!settings) throw new TypeError('a rule accepts the proof wit, and there are no settings for it');
  return settings;
}

/** `alg` of `cnf.jwk`. It was read before, so it is one. */
function algorithmOf(cnf: unknown): AlgorithmName {
  return recordOf(recordOf(cnf).jwk).alg as AlgorithmName;
}

/** A key is kept only after it verified something, so nobody fills the memory with keys of others. */
function checkSignature(proof: PresentedProof, key: PresentedKey, { keys }: WitSettings): Denial | undefined {
  const known = keys.get(key.thumbprint);
  const made = known ?? importKey(key);
  if (!made) return new Denial('proof_key_unsuitable', 'wit: cnf.jwk is no key, or a weak one');
  if (!signedProof(proof, made)) return new Denial('proof_signature_invalid', `wit: alg ${proof.alg}`);
  if (!known) keys.set(key.thumbprint, made);
  return undefined;
}

/** `exp` is mandatory and near, `nbf` and `iat` are optional, `jti` is mandatory (wpt-02 §2). */
function checkTime(
  { exp, nbf = 0, iat = 0, jti }: JsonObject,
  { clockSkew, maxLifetime }: WitSettings,
  now: number,
): Denial | undefined {
  for (const [name, value] of Object.entries({ exp, nbf, iat }))
    if (typeof value !== 'number' || !Number.isFinite(value))
      return new Denial('proof_malformed', `wit: ${name} is not a number`);
  if (typeof jti !== 'string' || jti === '' || jti.length > maxJtiLength)
    return new Denial('proof_malformed', `wit: jti is not a text of 1 to ${maxJtiLength} characters`);
  const expiresAt = Number(exp) * 1000;
  if (now >= expiresAt + clockSkew)
    return new Denial('proof_expired', `wit: expired ${formatTime(expiresAt)}`);
  const validFrom = Math.max(Number(nbf), Number(iat)) * 1000;
  if (now < validFrom - clockSkew)
    return new Denial('proof_not_yet_valid', `wit: valid from ${formatTime(validFrom)}`);
  if (expiresAt > now + maxLifetime + clockSkew)
    return new Denial(
      'proof_not_yet_valid',
      `wit: it expires ${formatTime(expiresAt)}, more than ${maxLifetime / 1000} s ahead (wit.lifetime)`,
    );
  return undefined;
}

/** One audience: a proof for several could be used at each of them. */
function checkAudience(
  aud: unknown,
  request: PresentedRequest,
  { origins, audiences }: WitSettings,
): Denial | undefined {
  const one: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  const { host } = request;
  const origin = origins.get(host.toLowerCase());
  const here = origin === undefined ? undefined : requestTarget(origin, request);
  if (typeof one === 'string' && (audiences.has(one) || isTarget(one, here))) return undefined;
  const target =
    here === undefined
      ? `no origin is configured for the host ${excerpt(host)} (wit.origins)`
      : here instanceof Malformed
        ? `the request is for no address (${here.why})`
        : `the request is for ${excerpt(here, 200)}`;
  const named = audiences.size > 0 ? `; also accepted: ${listed([...audiences], 3)}` : '';
  return new Denial('proof_target_mismatch', `wit: aud is ${valueText(aud, 200)}, ${target}${named}`);
}

function isTarget(uri: string, here: string | Malformed | undefined): boolean {
  return typeof here === 'string' && normalTarget(uri) === here;
}

export const wit: Proof = {
  confirmations: ['jwk'],
  kinds: ['workload-identity-token', 'access-token', 'opaque-token', 'service-account', 'jwt-svid'],
  needsPeer: false,
  prove,
  described: {
    reads: 'the workload identity token with its `cnf.jwk`, and its proof (WPT)',
    verifies:
      'that the sender signed the proof with the key of the workload, just now, for this target and this token',
    bindsTo: 'one key of one workload',
    doesNotProtectFrom:
      'a proxy on the way that changes method, query or body before it passes the request on: the proof does not cover them',
  },
};
