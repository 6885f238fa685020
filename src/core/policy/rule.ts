import type { Pattern } from '../../lib/pattern.ts';
import type { BindingName } from '../binding/bind.ts';
import type { AllowLists } from '../evidence.ts';
import type { SpiffePattern } from '../peer/spiffe-id.ts';
import type { RefusalReason } from '../reasons.ts';
import type { CredentialName } from '../token/credential.ts';
import type { ActorRequirement } from './actors.ts';
import type { ClaimRequirement } from './claims.ts';
import type { Condition } from './condition/condition.ts';
import type { HostPattern } from './host.ts';
import type { ServiceAccountRequirement } from './service-accounts.ts';

/**
 * Which requests a rule covers. An empty list matches everything. A list with entries never matches an
 * unknown value; the destination workload may be unknown.
 */
export interface HttpMatch {
  readonly protocol: 'http';
  readonly hosts: readonly HostPattern[];
  readonly methods: readonly string[];
  readonly paths: readonly Pattern[];
  /** Envoy's per-route `context_extensions`: every pair must be present. */
  readonly context: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly destinations: readonly SpiffePattern[];
}

/** Which connections a rule covers (Envoy's TCP filter). An empty list matches everything. */
export interface TcpMatch {
  readonly protocol: 'tcp';
  readonly ports: readonly number[];
  readonly destinations: readonly SpiffePattern[];
}

/** One rule, read from the configuration. */
export interface Rule {
  readonly name: string;
  readonly match: HttpMatch | TcpMatch;
  /** Every request passes, and the requirements below are not checked. */
  readonly public: boolean;
  /** A request without a token passes. One that brings a token is judged as everywhere. */
  readonly tokenIsOptional: boolean;
  /** Names of accepted issuers. Empty: all. */
  readonly issuers: readonly string[];
  /** The token must have all of them. */
  readonly scopes: readonly string[];
  readonly claims: readonly ClaimRequirement[];
  readonly serviceAccount: ServiceAccountRequirement;
  /** Who may act for whom. Undefined: any actor may send its own token, after any prior actors. */
  readonly actors: ActorRequirement | undefined;
  /** Checked against the person of the token. */
  readonly allowLists: AllowLists | undefined;
  /** One must match. Empty: any peer, or none. */
  readonly peers: readonly SpiffePattern[];
  readonly when: Condition | undefined;
  /** Accepted proofs that the token belongs to the sender, in this order. */
  readonly binding: readonly BindingName[];
  /** Where the token is, or that the client of a token request needs none: it is the peer. */
  readonly credential: CredentialName;
  /** The issuer identifier that `jwt-spiffe` assertions are for. Undefined: they are not accepted. */
  readonly authorizationServer: string | undefined;
  /** What of the rule is observed and not enforced. Undefined: nothing. */
  readonly observation: Observation | undefined;
}

/** What is observed: a request that lacks it passes, and the log says what it lacks. */
export interface Observation {
  /** The refusals that only the log shows. Undefined: all of them. */
  readonly reasons: ReadonlySet<RefusalReason> | undefined;
  /** The rule without what is observed. */
  readonly rule: Rule;
  /** Whether a token passes that is not proven to be the sender's. */
  readonly passesUnbound: boolean;
}
