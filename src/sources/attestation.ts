import { hash } from 'node:crypto';
import type { Attestation } from '../core/token/authority.ts';
import { parseJws } from '../core/token/jws.ts';
import { Malformed } from '../lib/malformed.ts';

/**
 * When an attested token expires, in milliseconds: the earlier `exp` of the answer and of the token, or
 * infinity. It can only shorten the time that an answer is cached. The token is **not** verified here.
 */
export function earliestExpiry(token: string, { claims }: Attestation): number {
  const jws = parseJws(token);
  const said = [claims?.exp, jws instanceof Malformed ? undefined : jws.payload.exp];
  const ends = said.filter((exp) => typeof exp === 'number').map((exp) => exp * 1000);
  return Math.min(...ends, Number.POSITIVE_INFINITY);
}

/**
 * The owner of a token, so that many tokens of one owner count as one asker. Returns a digest: a name may be
 * as long as an answer, and a slice of it would keep the whole answer in memory.
 */
export function digestOwner({ username, claims }: Attestation): string {
  const names = [username, claims?.sub, claims?.client_id];
  return hash('sha256', String(names.find((name) => typeof name === 'string')), 'base64url');
}
