import { hash } from 'node:crypto';
import { Denial } from '../denial.ts';
import type { CertificateAuthority } from './authority.ts';
import type { Certificate } from './certificate.ts';
import { type Chain, type ChainTerms, findChain } from './chain.ts';
import { readForwardedChain } from './forwarded-chain.ts';

/** Where the authorities of a trust domain come from; files and network are behind it. */
export interface Bundle {
  /** @throws DependencyError (`bundle_unavailable`) where none are known, or where they are older than they may be. */
  current(now: number): Authorities;
}

/** Milliseconds. A chain that was refused may become valid with time, and not sooner than that. */
const rememberRefused = 1_000;

interface Refused {
  readonly forwarded: string;
  readonly denial: Denial;
  readonly from: number;
}

/**
 * The authorities of a trust domain as they were at one time. Never changed: a new bundle is a new object, and with it
 * everything that was proven against the old one is forgotten.
 */
export class Authorities {
  readonly list: readonly CertificateAuthority[];
  /**
   * Kept by the certificate as it was read, so that it goes when the bounded memory of those lets it go. The forwarded chain
   * by its digest: it can be 60 KiB long.
   */
  readonly #proven = new WeakMap<Certificate, Chain & { readonly forwarded: string | undefined }>();

  /** The last refusal of a certificate, so that a client's own intermediates cost their signatures once a second. */
  readonly #refused = new WeakMap<Certificate, Refused>();

  constructor(list: readonly CertificateAuthority[]) {
    this.list = list;
  }

  /**
   * Whether a certificate chains to one of them now; a denial says why not. Signatures are checked once for a certificate; the time
   * of every CA on the chain each time. The forwarded `Chain` is only read where the certificate is not directly theirs.
   */
  check(leaf: Certificate, forwarded: string | undefined, terms: ChainTerms): Denial | undefined {
    const known = this.#proven.get(leaf);
    // With another Chain, or none, the answer must not depend on what others sent before.
    if (
      known &&
      (known.forwarded === undefined || known.forwarded === digest(forwarded)) &&
      isCurrent(known, terms)
    )
      return undefined;
    const direct = findChain(leaf, [], this.list, terms);
    if (!(direct instanceof Denial)) return this.#remember(leaf, direct, undefined);
    if (forwarded === undefined)
      return new Denial(direct.reason, `${direct.detail}; no intermediates came (XFCC with chain: true)`);
    const refused = this.#refused.get(leaf);
    if (
      refused?.forwarded === forwarded &&
      terms.now >= refused.from &&
      terms.now < refused.from + rememberRefused
    )
      return refused.denial;
    const intermediates = readForwardedChain(forwarded, leaf);
    const chain =
      intermediates instanceof Denial ? intermediates : findChain(leaf, intermediates, this.list, terms);
    if (!(chain instanceof Denial)) return this.#remember(leaf, chain, forwarded);
    this.#refused.set(leaf, { forwarded, denial: chain, from: terms.now });
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
