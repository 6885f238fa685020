/** The checks of `src/lint/checks.ts` that a configuration goes through whenever it is loaded. */
export type WeaknessName =
  | 'insecure-setting'
  | 'binding-none'
  | 'any-issuer'
  | 'rule-without-destination'
  | 'every-proxy'
  | 'own-sidecar'
  | 'own-nonce-key'
  | 'observed'
  | 'readable-key';

/** A choice that is allowed and weakens security. It is logged at start. */
export interface Weakness {
  readonly check: WeaknessName;
  readonly path: readonly PropertyKey[];
  /** The key of the place, or the rules that it is about. */
  readonly subject: string;
  readonly message: string;
}

/** Collects a weakness. Without a subject, it is about the key of its place. */
export type Warn = (
  check: WeaknessName,
  path: readonly PropertyKey[],
  message: string,
  subject?: string,
) => void;
