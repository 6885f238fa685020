import type { ServiceAccount } from './service-account.ts';

/** A token that its issuer stands by: its signature held, or the issuer said so. Time, audience, type: `acceptToken`. */
export interface VerifiedToken {
  readonly kind: TokenKind;
  /** The issuer's name in the configuration. */
  readonly issuer: string;
  /** `iss`, exactly as signed; of an opaque token, as configured or as the issuer says. */
  readonly iss: string | undefined;
  readonly subject: string | undefined;
  readonly audiences: readonly string[];
  /** `client_id` (RFC 9068 §2.2), else `azp`; undefined where both are there and differ. */
  readonly clientId: string | undefined;
  /** `scope` (RFC 8693 §4.2), or `scp` as a string or a list. */
  readonly scopes: readonly string[];
  /** `cnf` as it stands (RFC 7800 §3.1); its shape is for the binding to judge. */
  readonly confirmation: unknown;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Of a Kubernetes token. */
  readonly serviceAccount: ServiceAccount | undefined;
  /** The trust domain whose workloads the issuer's tokens name. */
  readonly trustDomain: string | undefined;
  /** Milliseconds since the epoch; undefined without `exp`. */
  readonly expiresAt: number | undefined;
  /** Milliseconds since the epoch; 0 without `nbf`. */
  readonly notBefore: number;
  /** The header's `typ`. */
  readonly typ: string | undefined;
  readonly algorithm: string | undefined;
  readonly kid: string | undefined;
  /** When the key that verified it was fetched, in milliseconds since the epoch; undefined where the issuer was asked. */
  readonly keyFetchedAt: number | undefined;
  /** Whether what proved it was remembered: the signature, or the issuer's word. */
  readonly cached: boolean;
}

export type TokenKind = 'access-token' | 'opaque-token' | 'service-account' | 'jwt-svid';
