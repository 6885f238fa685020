import type { Pattern } from '../../lib/pattern.ts';
import type { BindingName } from '../binding/bind.ts';
import type { AllowLists } from '../evidence.ts';
import type { SpiffePattern } from '../peer/spiffe-id.ts';
import type { CredentialName } from '../token/credential.ts';
import type { ClaimRequirement } from './claims.ts';
import type { Condition } from './condition/condition.ts';
import type { HostPattern } from './host.ts';
import type { ServiceAccountRequirement } from './service-accounts.ts';

/**
 * Which requests a rule covers. An empty list covers all; one that holds something never covers what is unknown, as the
 * workload that is asked for may be.
 */
export interface HttpMatch {
  readonly protocol: 'http';
  readonly hosts: readonly HostPattern[];
  readonly methods: readonly string[];
  readonly paths: readonly Pattern[];
  /** Envoy's per-route `context_extensions`: every pair must be there. */
  readonly context: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly destinations: readonly SpiffePattern[];
}

/** Which connections a rule covers (Envoy's TCP filter). An empty list covers all. */
export interface TcpMatch {
  readonly protocol: 'tcp';
  readonly ports: readonly number[];
  readonly destinations: readonly SpiffePattern[];
}

/** One rule, read from the configuration. */
export interface Rule {
  readonly name: string;
  readonly match: HttpMatch | TcpMatch;
  /** Anyone may pass; nothing below is asked. */
  readonly public: boolean;
  /** Names of accepted issuers; empty: each that is configured. */
  readonly issuers: readonly string[];
  /** All of them are needed. */
  readonly scopes: readonly string[];
  readonly claims: readonly ClaimRequirement[];
  readonly serviceAccount: ServiceAccountRequirement;
  /** Addresses of the person; one must be met. */
  readonly allowLists: AllowLists | undefined;
  /** One of them must match; empty: any peer, or none. */
  readonly peers: readonly SpiffePattern[];
  /** Must hold too, where there is one. */
  readonly when: Condition | undefined;
  /** Accepted proofs that the token belongs to the sender, in this order. */
  readonly binding: readonly BindingName[];
  /** Where the token is: an access token in `Authorization`, or a client assertion in the form of a token request. */
  readonly credential: CredentialName;
}
