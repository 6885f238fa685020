import type { Evidence } from '../core/evidence.ts';
import {
  type Host,
  type HostPattern,
  type HostReading,
  matchesHost,
  parseHost,
  readingsOf,
} from '../core/policy/host.ts';
import { Malformed } from '../lib/malformed.ts';
import type { PassingReason, StoppingReason } from './reasons.ts';

/** Which token goes to which hosts. */
export interface Entry {
  /** For log and metrics. */
  readonly name: string;
  readonly hosts: readonly HostPattern[];
  /** Replaces an Authorization that the request brings. */
  readonly overwrite: boolean;
  /** For the log. */
  readonly file: string;
  /** The token at this time, or why there is none. */
  token(now: number): string | Malformed;
}

/** What happens to one request. Only `injected` has a token, and nothing but the answer to the proxy may read it. */
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
 * Decides what to add to a request on its way out: the token of the first entry whose patterns match the host. The host
 * is all that is known of the destination, so the proxy has to route by it; a host that two readers could read
 * differently is refused. An Authorization counts as present whatever it holds, also nothing.
 *
 * Does not check who sends the request: whoever may ask gets the token. Sees an Authorization only where the proxy sends
 * it along, so `allowed_headers` must not leave it out.
 */
export function inject(
  { request }: Evidence,
  entries: readonly Entry[],
  reading: HostReading,
  now: number,
): Outcome {
  if (!request)
    return { effect: 'deny', reason: 'request_malformed', detail: 'a connection, and no HTTP request' };
  const written = parseHost(request.host);
  if (written instanceof Malformed)
    return { effect: 'deny', reason: 'request_malformed', detail: `the host is ${written.why}` };
  const [host, ...others] = readingsOf(written, reading);
  const entry = entryFor(host, entries);
  // No answer is right for both: the token could go to another host, or be missing at its own.
  const rival = others.map((other) => entryFor(other, entries)).find((other) => other !== entry);
  if (rival && !entry?.hosts.some(({ tail }) => tail === host.tail))
    return {
      effect: 'deny',
      reason: 'request_malformed',
      detail: `${rival.name} would match without "${host.tail}": say in hosts.ignorePort and hosts.ignoreTrailingDot what the proxy ignores`,
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
