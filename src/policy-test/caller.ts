import { recordOf } from '../lib/json.ts';
import type { TrialToken } from '../trial/trial.ts';
import type { TrialPeer } from '../trial/trial-peer.ts';
import type { CallerContent } from './schema.ts';

/** A sender as a trial takes it. */
export interface Caller {
  readonly peer: TrialPeer | undefined;
  readonly token: TrialToken | undefined;
  /** The token that a test writes out. */
  readonly text: string | undefined;
}

/** Puts a caller over another: a claim over a claim, everything else as a whole. */
export function overlaid(base: CallerContent, { peer = base.peer, token }: CallerContent): CallerContent {
  if (token === undefined) return { peer, token: base.token };
  if (token === 'none' || base.token === undefined || base.token === 'none') return { peer, token };
  const given = Object.entries(token).filter(([, value]) => value !== undefined);
  return {
    peer,
    token: {
      ...base.token,
      ...recordOf(Object.fromEntries(given)),
      claims: { ...base.token.claims, ...token.claims },
      header: { ...base.token.header, ...token.header },
    },
  };
}

/** Seconds. Longer than any tolerance for clocks. */
const longAgo = 86_400;

/**
 * Prepares a caller. A string says which key is missing and why.
 * @param issuers the names of the configuration
 * @param now milliseconds since the epoch
 */
export function createCaller(
  { peer, token }: CallerContent,
  issuers: readonly string[],
  now: number,
): Caller | string {
  const sender =
    peer === 'none' || peer === undefined ? undefined : typeof peer === 'string' ? { spiffeId: peer } : peer;
  const caller = { peer: sender, token: undefined, text: undefined };
  if (token === 'none' || token === undefined) return caller;
  if (token.text !== undefined) return { ...caller, text: token.text };
  const { issuer = issuers.length === 1 ? issuers[0] : undefined, header, bound, clientId } = token;
  if (issuer === undefined) return `must be one of the issuers of the configuration: ${issuers.join(', ')}`;
  if (!issuers.includes(issuer))
    return `is not an issuer of the configuration; its issuers: ${issuers.join(', ')}`;
  const expired = token.expired && { exp: Math.floor(now / 1000) - longAgo };
  return { ...caller, token: { issuer, header, bound, clientId, claims: { ...expired, ...token.claims } } };
}
