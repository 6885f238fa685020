import type { CertificateAuthority } from '../core/peer/authority.ts';
import { Authorities, type Bundle } from '../core/peer/bundle.ts';

/** The bundle of a trust domain, and what keeps it fresh. */
export interface RunningBundle extends Bundle {
  /** Resolves after the first attempt, successful or not. Goes on in the background until `stop`. */
  start(): Promise<void>;
  stop(): void;
  state(): BundleState;
}

/** The state of a bundle at one time. */
export interface BundleState {
  readonly trustDomain: string;
  readonly authorities: number;
  /** Of each authority, in milliseconds since the epoch. */
  readonly validities: readonly { readonly notBefore: number; readonly notAfter: number }[];
  /** Seconds since it was read or fetched. Undefined if it never was. */
  readonly age: number | undefined;
  readonly fetches: number;
  readonly failures: number;
  /** Why the last attempt failed. Undefined after a good one. */
  readonly failure: string | undefined;
}

/** When each authority is valid. Empty without a bundle. */
export function validitiesOf(authorities: Authorities | undefined): BundleState['validities'] {
  const { list = [] } = authorities ?? {};
  return list.map(({ certificate: { notBefore, notAfter } }) => ({ notBefore, notAfter }));
}

/**
 * Returns the old object for the same authorities in any order, so that proven chains stay cached after a
 * refresh. The kubelet shuffles the certificates of a ClusterTrustBundle each time it reads them.
 */
export function renewed(old: Authorities | undefined, list: readonly CertificateAuthority[]): Authorities {
  const thumbprints = (of: readonly CertificateAuthority[]) =>
    of
      .map(({ certificate }) => certificate.thumbprint)
      .toSorted()
      .join();
  return old && thumbprints(old.list) === thumbprints(list) ? old : new Authorities(list);
}
