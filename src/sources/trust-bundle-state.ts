import type { CertificateAuthority } from '../core/peer/authority.ts';
import { Authorities, type Bundle } from '../core/peer/bundle.ts';

/** The bundle of a trust domain with whatever keeps it fresh. */
export interface RunningBundle extends Bundle {
  /** Resolves when it was tried once, whatever came of it; goes on in the background until `stop`. */
  start(): Promise<void>;
  stop(): void;
  state(): BundleState;
}

/** What is known of a bundle at one time. */
export interface BundleState {
  readonly trustDomain: string;
  readonly authorities: number;
  /** Seconds since it was read or fetched; undefined while there is none. */
  readonly age: number | undefined;
  readonly fetches: number;
  readonly failures: number;
  /** Why the last attempt failed; undefined after a good one. */
  readonly failure: string | undefined;
}

/** The same authorities keep their identity, so that chains that led to them stay remembered across a refresh. */
export function renewed(old: Authorities | undefined, list: readonly CertificateAuthority[]): Authorities {
  const thumbprints = (of: readonly CertificateAuthority[]) =>
    of.map(({ certificate }) => certificate.thumbprint).join();
  return old && thumbprints(old.list) === thumbprints(list) ? old : new Authorities(list);
}
