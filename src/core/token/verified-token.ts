import type { JsonObject } from '../../lib/json.ts';
import type { ServiceAccount } from './service-account.ts';

/** A token that its issuer vouches for. Time, audience and type are **not** checked: see `acceptToken`. */
export interface VerifiedToken {
  readonly kind: TokenKind;
  /** The name of the issuer in the configuration. */
  readonly issuer: string;
  /** `iss` exactly as signed. For an opaque token: as configured, or as the issuer says. */
  readonly iss: string | undefined;
  readonly subject: string | undefined;
  readonly audiences: readonly string[];
  /** `client_id` (RFC 9068 §2.2), else `azp`. Undefined if they differ. */
  readonly clientId: string | undefined;
  /** `scope` (RFC 8693 §4.2), or `scp` as a string or a list. */
  readonly scopes: readonly string[];
  /** `cnf` as it was sent (RFC 7800 §3.1). The binding checks its form. */
  readonly confirmation: unknown;
  readonly claims: JsonObject;
  /** Only of a Kubernetes token. */
  readonly serviceAccount: ServiceAccount | undefined;
  /** The trust domain of the workloads that the issuer's tokens name. */
  readonly trustDomain: string | undefined;
  /** Milliseconds since the epoch; undefined without `exp`. */
  readonly expiresAt: number | undefined;
  /** Milliseconds since the epoch; 0 without `nbf`. */
  readonly notBefore: number;
  /** `typ` of the header. */
  readonly typ: string | undefined;
  readonly algorithm: string | undefined;
  readonly kid: string | undefined;
  /** When its key was fetched, in milliseconds since the epoch. Undefined if the issuer was asked. */
  readonly keyFetchedAt: number | undefined;
  /** Whether the proof came from a cache: the verified signature, or the issuer's answer. */
  readonly cached: boolean;
  /** Under which the token is cached. Only if this same object serves the next check of the token too. */
  readonly digest?: string | undefined;
}

export type TokenKind =
  | 'access-token'
  | 'opaque-token'
  | 'service-account'
  | 'jwt-svid'
  | 'workload-identity-token';
