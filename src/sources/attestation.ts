import { hash } from 'node:crypto';
import type { Attestation } from '../core/token/authority.ts';
import { parseJws } from '../core/token/jws.ts';
import { Malformed } from '../lib/malformed.ts';

/**
 * When a token that was vouched for ends, in milliseconds: by the answer and by the token itself, whichever is earlier.
 * Never, where neither says so. Only ever shortens how long an answer is remembered.
 */
export function expiryOf(token: string, { claims }: Attestation): number {
  const jws = parseJws(token);
  const said = [claims?.exp, jws instanceof Malformed ? undefined : jws.payload.exp];
  const ends = said.filter((exp) => typeof exp === 'number').map((exp) => exp * 1000);
  return Math.min(...ends, Number.POSITIVE_INFINITY);
}

/**
 * Whom a token was issued to, so that many tokens of one owner do not count as many askers. Its digest: a name may be as
 * long as an answer, and a part of it would keep all of it in memory.
 */
export function ownerOf({ username, claims }: Attestation): string {
  const names = [username, claims?.sub, claims?.client_id];
  return hash('sha256', String(names.find((name) => typeof name === 'string')), 'base64url');
}
