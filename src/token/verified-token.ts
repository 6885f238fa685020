/** A token whose issuer's signature held. Time, audience and type are another question: `acceptToken`. */
export interface VerifiedToken {
  readonly kind: TokenKind;
  /** The issuer's name in the configuration. */
  readonly issuer: string;
  /** `iss`, exactly as signed. */
  readonly iss: string;
  readonly subject: string | undefined;
  readonly audiences: readonly string[];
  /** `client_id` (RFC 9068 §2.2), else `azp`; undefined where both are there and differ. */
  readonly clientId: string | undefined;
  /** `scope` (RFC 8693 §4.2), or `scp` as a string or a list. */
  readonly scopes: readonly string[];
  /** `cnf` as it stands (RFC 7800 §3.1); its shape is for the binding to judge. */
  readonly confirmation: unknown;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch; undefined without `exp`. */
  readonly expiresAt: number | undefined;
  /** Milliseconds since the epoch; 0 without `nbf`. */
  readonly notBefore: number;
  /** The header's `typ`. */
  readonly typ: string | undefined;
  readonly algorithm: string;
  readonly kid: string | undefined;
  /** When the key that verified it was fetched, in milliseconds since the epoch. */
  readonly keyFetchedAt: number;
  /** Whether the signature was verified earlier and remembered. */
  readonly cached: boolean;
}

export type TokenKind = 'access-token';
