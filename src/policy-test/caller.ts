import type { TrialToken } from '../trial/trial.ts';
import type { TrialPeer } from '../trial/trial-peer.ts';
import type { CallerContent } from './schema.ts';

/** A sender as a trial takes it. */
export interface Caller {
  readonly peer: TrialPeer | undefined;
  readonly token: TrialToken | undefined;
  /** The client of a token request without a token. */
  readonly client: string | undefined;
  /** The token that a test writes out. */
  readonly text: string | undefined;
}

type TokenContent = Exclude<CallerContent['token'], 'none' | undefined>;

/** Seconds. Longer than any tolerance for clocks. */
const longAgo = 86_400;

/**
 * Prepares a caller. A string says what is wrong with the issuer of its token.
 * @param base the caller that it is like; its token stays bound to its own certificate
 * @param issuers the names of the configuration
 * @param now milliseconds since the epoch
 */
export function createCaller(
  content: CallerContent,
  base: CallerContent,
  issuers: readonly string[],
  now: number,
): Caller | string {
  const peer = overlaidPeer(peerOf(base), content.peer);
  const token = overlaidToken(tokenOf(base), content.token);
  const client = content.client ?? base.client;
  const caller = { peer, token: undefined, client, text: undefined };
  if (token === undefined) return caller;
  if (token.text !== undefined) return { ...caller, text: token.text };
  const names = issuers.join(', ') || 'none';
  const { issuer = issuers.length === 1 ? issuers[0] : undefined, header, clientId, assertion } = token;
  if (issuer === undefined) return `must be one of the issuers of the configuration: ${names}`;
  if (!issuers.includes(issuer)) return `is not an issuer of the configuration; its issuers: ${names}`;
  const isOfBase = tokenOf(base) !== undefined && tokenOf(content)?.bound === undefined;
  const holder = isOfBase ? peerOf(base) : peer;
  const expired = token.expired && { exp: Math.floor(now / 1000) - longAgo };
  const claims = { ...expired, ...token.claims };
  const bound = token.bound && (holder ?? {});
  return { ...caller, token: { issuer, header, claims, clientId, assertion, bound, dpop: token.dpop } };
}

function peerOf({ peer }: CallerContent): TrialPeer | undefined {
  return overlaidPeer(undefined, peer);
}

function tokenOf({ token }: CallerContent): TokenContent | undefined {
  return token === 'none' ? undefined : token;
}

/** A text is another peer, and keys change one. */
function overlaidPeer(base: TrialPeer | undefined, peer: CallerContent['peer']): TrialPeer | undefined {
  if (peer === undefined) return base;
  if (peer === 'none') return undefined;
  return typeof peer === 'string' ? { spiffeId: peer } : { ...base, ...peer };
}

/** Claims and members of the header are put over those of the base, one by one. */
function overlaidToken(
  base: TokenContent | undefined,
  token: CallerContent['token'],
): TokenContent | undefined {
  if (token === undefined) return base;
  if (token === 'none') return undefined;
  const claims = { ...base?.claims, ...token.claims };
  const header = { ...base?.header, ...token.header };
  return { ...base, ...token, claims, header };
}
