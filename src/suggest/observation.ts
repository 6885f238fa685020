import type { BindingName } from '../core/binding/bind.ts';

/** The parts of a request that the log has and that a rule can match. */
export interface ObservedRequest {
  readonly method: string;
  /** As rules compare it. */
  readonly host: string;
  /** As rules compare it. */
  readonly path: string;
  /** The SPIFFE ID of the called workload. '' if rules do not name it. */
  readonly destination: string;
}

/** Who sent a request, as far as it was proven. '' stands for what is missing. */
export interface SeenCaller {
  /** Its name in the configuration. */
  readonly issuer: string;
  readonly peer: string;
  /** `namespace/name` of the ServiceAccount. It replaces the subject. */
  readonly account: string;
  readonly subject: string;
  readonly client: string;
  /** The names of its actors as JSON, the current one first. */
  readonly actors: string;
  readonly scopes: readonly string[];
  /** The host of the request, only if the rule cannot match it. */
  readonly host: string;
  /** `none`: the line names no proof. */
  readonly binding: BindingName;
}

/** Equal lines of the log, counted. */
export interface LogObservation {
  readonly request: ObservedRequest;
  readonly caller: SeenCaller;
  /** The rule that took the request when it was recorded. '' if none did. */
  readonly rule: string;
  readonly count: number;
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** The ID of the earliest decision. */
  readonly example: string | undefined;
}

/** What tells one token holder from another, whatever the peer that sends the token. */
export function holderOf({ issuer, account, subject, client, actors }: SeenCaller): string {
  return JSON.stringify([issuer, account, subject, client, actors]);
}

/** What tells callers apart in a rule: everything but the proof. */
export function callerKey(caller: SeenCaller): string {
  const { issuer, peer, account, subject, client, actors, host, scopes } = caller;
  return JSON.stringify([issuer, peer, account, subject, client, actors, host, scopes]);
}
