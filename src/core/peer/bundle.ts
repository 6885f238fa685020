import { hash } from 'node:crypto';
import { Denial } from '../denial.ts';
import type { CertificateAuthority } from './authority.ts';
import type { Certificate } from './certificate.ts';
import { type Chain, type ChainTerms, findChain } from './chain.ts';
import { readForwardedChain } from './forwarded-chain.ts';

/** Provides the authorities of a trust domain. Files and network are behind this interface. */
export interface Bundle {
  /**
   * @throws DependencyError (`bundle_unavailable`) if no authorities are known, or if they are older than
   * allowed
   */
  current(now: number): Authorities;
}

/** Milliseconds. A refused chain may become valid with time, but not sooner than this. */
const rememberRefused = 1_000;

interface Refused {
  /** The digest of the forwarded chain, which can be 60 KiB long. */
  readonly forwarded: string | undefined;
  readonly denial: Denial;
  readonly from: number;
}

/**
 * The authorities of a trust domain at one time. Immutable: a new bundle is a new object, and everything
 * proven against the old one is dropped with it.
 */
export class Authorities {
  readonly list: readonly CertificateAuthority[];
  /**
   * Keyed by the certificate object, so an entry goes when the certificate cache drops it. Holds the digest
   * of the forwarded chain, which can be 60 KiB long.
   */
  readonly #proven = new WeakMap<Certificate, Chain & { readonly forwarded: string | undefined }>();

  /** The last refusal of each certificate. A client's intermediates cost signatures only once a second. */
  readonly #refused = new WeakMap<Certificate, Refused>();

  constructor(list: readonly CertificateAuthority[]) {
    this.list = list;
  }

  /**
   * Checks whether a certificate chains to one of them now. Signatures are checked once for a certificate;
   * the time of every CA each time. The forwarded `Chain` is read only if no authority signed it directly.
   */
  check(leaf: Certificate, forwarded: string | undefined, terms: ChainTerms): Denial | undefined {
    const known = this.#proven.get(leaf);
    // With another Chain, or without one, the answer must not depend on earlier requests.
    if (
      known &&
      (known.forwarded === undefined || known.forwarded === digest(forwarded)) &&
      isCurrent(known, terms)
    )
      return undefined;
    const direct = findChain(leaf, [], this.list, terms);
    if (!(direct instanceof Denial)) return this.#remember(leaf, direct, undefined);
    if (forwarded === undefined)
      return new Denial(
        direct.reason,
        `${direct.detail}; no intermediates were sent (XFCC with chain: true)`,
      );
    const { now } = terms;
    const refused = this.#refused.get(leaf);
    const sent = digest(forwarded);
    if (refused && refused.forwarded === sent && now >= refused.from && now < refused.from + rememberRefused)
      return refused.denial;
    const intermediates = readForwardedChain(forwarded, leaf);
    const chain =
      intermediates instanceof Denial ? intermediates : findChain(leaf, intermediates, this.list, terms);
    if (!(chain instanceof Denial)) return this.#remember(leaf, chain, forwarded);
    this.#refused.set(leaf, { forwarded: sent, denial: chain, from: now });
    return chain;
  }

  #remember(leaf: Certificate, chain: Chain, forwarded: string | undefined): undefined {
    this.#proven.set(leaf, { ...chain, forwarded: digest(forwarded) });
  }
}

function digest(forwarded: string | undefined): string | undefined {
  return forwarded === undefined ? undefined : hash('sha256', forwarded, 'base64url');
}

function isCurrent({ notBefore, notAfter }: Chain, { now, clockSkew }: ChainTerms): boolean {
  return now >= notBefore - clockSkew && now < notAfter + clockSkew;
}
