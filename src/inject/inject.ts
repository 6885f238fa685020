import type { Evidence } from '../core/evidence.ts';
import {
  type Host,
  type HostPattern,
  type HostReading,
  matchesHost,
  parseHost,
  possibleHosts,
} from '../core/policy/host.ts';
import { Malformed } from '../lib/malformed.ts';
import type { PassingReason, StoppingReason } from './reasons.ts';

/** The token for some hosts. */
export interface Entry {
  /** For log and metrics. */
  readonly name: string;
  readonly hosts: readonly HostPattern[];
  /** Whether to replace the Authorization of the request. */
  readonly overwrite: boolean;
  /** For the log. */
  readonly file: string;
  /** The token at this time, or why it is not available. */
  token(now: number): string | Malformed;
}

/** The outcome for one request. Only `injected` has a token, and only the answer to the proxy may read it. */
export type Outcome = { readonly entry?: string } & (
  | { readonly effect: 'allow'; readonly reason: 'injected'; readonly token: string }
  | { readonly effect: 'allow'; readonly reason: Exclude<PassingReason, 'injected'> }
  | {
      readonly effect: 'deny' | 'unavailable';
      readonly reason: StoppingReason;
      /** For the log only. */
      readonly detail: string;
    }
);

/**
 * Decides what to add to an outbound request: the token of the first entry with a pattern that matches the
 * host. Only the host is known of the destination, so the proxy must route by it. An ambiguous host is
 * refused. An Authorization header counts as present even if it is empty.
 *
 * Does **not** check who sends the request: every client that may call gets the token. Sees an Authorization
 * only if the proxy sends it, so `allowed_headers` must include it.
 */
export function inject(
  { request }: Evidence,
  entries: readonly Entry[],
  reading: HostReading,
  now: number,
): Outcome {
  if (!request)
    return {
      effect: 'deny',
      reason: 'request_malformed',
      detail: 'the check is for a connection, not for an HTTP request',
    };
  const written = parseHost(request.host);
  if (written instanceof Malformed)
    return { effect: 'deny', reason: 'request_malformed', detail: `the host is ${written.why}` };
  const [host, ...others] = possibleHosts(written, reading);
  const entry = entryFor(host, entries);
  // Neither entry is safe: the token could go to another host, or be missing at its own.
  const rival = others.map((other) => entryFor(other, entries)).find((other) => other !== entry);
  if (rival && !entry?.hosts.some(({ tail }) => tail === host.tail))
    return {
      effect: 'deny',
      reason: 'request_malformed',
      detail: `the entry ${rival.name} would match the host without "${host.tail}": set hosts.ignorePort and hosts.ignoreTrailingDot to what the proxy ignores`,
    };
  if (!entry) return { effect: 'allow', reason: 'no_entry' };
  if (!entry.overwrite && Object.hasOwn(request.headers, 'authorization'))
    return { effect: 'allow', reason: 'authorization_present', entry: entry.name };
  const token = entry.token(now);
  if (token instanceof Malformed)
    return {
      effect: 'unavailable',
      reason: 'token_unavailable',
      detail: `${entry.file} ${token.why}`,
      entry: entry.name,
    };
  return { effect: 'allow', reason: 'injected', token, entry: entry.name };
}

function entryFor(host: Host, entries: readonly Entry[]): Entry | undefined {
  return entries.find(({ hosts }) => hosts.some((pattern) => matchesHost(pattern, host)));
}
