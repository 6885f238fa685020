import { X509Certificate } from 'node:crypto';
import { formatTime } from '../../lib/time.ts';
import { Denial } from '../denial.ts';
import { type CertificateAuthority, formatName } from './authority.ts';
import { type Certificate, mayBeClient } from './certificate.ts';

/** A way from a leaf to an authority, by the time in which each CA on it is valid. */
export interface Chain {
  /** Milliseconds since the epoch: the latest beginning and the earliest end. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What a chain is held against, beside the authorities. */
export interface ChainTerms {
  readonly trustDomain: string;
  readonly now: number;
  /** Milliseconds that certificate validity may be off. */
  readonly clockSkew: number;
}

/** A certificate on the way up, with the validity of all the CAs on it so far. */
interface Link extends Chain {
  readonly certificate: Certificate;
  readonly x509: X509Certificate;
}

/** ECDSA, RSA PKCS #1 v1.5 with SHA-2, Ed25519. Nothing with SHA-1 or MD5, for which two certificates can have one signature. */
const signatureAlgorithms = new Set([
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.3.101.112',
]);

/**
 * Looks for a way from the leaf over intermediates to one of the authorities (RFC 5280 §6.1, X509-SVID §5.1): names and
 * key identifiers chain, signatures hold and are of an accepted algorithm, each CA is valid now and its path length
 * suffices (self-issued ones count too), an intermediate is for clients where it has extKeyUsage, and names the trust
 * domain where it has a URI (X509-SVID §3.2). Level by level, so each intermediate is reached once: at most 15
 * signatures of intermediates, and no more than six times those authorities that have the right name.
 *
 * Does **not** check the leaf's own validity, key, usage, extensions and SANs (`candidateFromCertificate` and `verifyPeer` do),
 * revocation, policies, and constraints on names or policies (a CA that has them is no `Authority`). What is no CA must
 * not be passed in.
 */
export function findChain(
  leaf: Certificate,
  intermediates: readonly CertificateAuthority[],
  authorities: readonly CertificateAuthority[],
  terms: ChainTerms,
): Chain | Denial {
  const problems: string[] = [];
  const left = new Set(intermediates);
  let top = new X509Certificate(leaf.der);
  let level: readonly Link[] = [
    {
      certificate: leaf,
      x509: top,
      notBefore: Number.NEGATIVE_INFINITY,
      notAfter: Number.POSITIVE_INFINITY,
    },
  ];
  for (let below = 0; level.length > 0; below++) {
    for (const link of level)
      for (const authority of authorities)
        if (isSigned(link, authority, obstacle(authority, below, terms), problems))
          return narrowed(link, authority);
    const above: Link[] = [];
    for (const link of level)
      for (const authority of left) {
        const why = () => obstacle(authority, below, terms)() ?? unfit(authority, terms.trustDomain);
        if (!isSigned(link, authority, why, problems)) continue;
        left.delete(authority);
        top = authority.x509;
        above.push({
          ...narrowed(link, authority),
          certificate: authority.certificate,
          x509: authority.x509,
        });
      }
    level = above;
  }
  return untrusted(
    problems.at(-1) ?? `no authority of ${terms.trustDomain} is its issuer ${formatName(top.issuer)}`,
  );
}

function untrusted(why: string): Denial {
  return new Denial('peer_chain_untrusted', why);
}

function isSigned(
  { x509, certificate }: Link,
  issuer: CertificateAuthority,
  obstacle: () => string | undefined,
  problems: string[],
): boolean {
  if (!x509.checkIssued(issuer.x509)) return false;
  const problem =
    obstacle() ??
    (signatureAlgorithms.has(certificate.signatureAlgorithm)
      ? undefined
      : `the signature algorithm ${certificate.signatureAlgorithm} is not accepted`) ??
    (x509.verify(issuer.publicKey)
      ? undefined
      : `the signature is not by ${formatName(issuer.x509.subject)}, whose name it bears`);
  if (problem !== undefined) problems.push(problem);
  return problem === undefined;
}

/** What keeps any CA from standing on a chain with so many CAs below it; asked before a signature is paid for. */
function obstacle(
  { certificate, x509 }: CertificateAuthority,
  below: number,
  { now, clockSkew }: ChainTerms,
) {
  return (): string | undefined => {
    const { notBefore, notAfter, pathLength } = certificate;
    if (now < notBefore - clockSkew)
      return `${formatName(x509.subject)} is not valid before ${formatTime(notBefore)}`;
    if (now >= notAfter + clockSkew)
      return `${formatName(x509.subject)} was valid until ${formatTime(notAfter)}`;
    if (pathLength !== undefined && below > pathLength)
      return `${formatName(x509.subject)} allows ${pathLength} CAs below it, and there are ${below}`;
    return undefined;
  };
}

/** What keeps an intermediate from it, beyond that. A bundle's authority is what the operator says it is. */
function unfit({ certificate, x509 }: CertificateAuthority, trustDomain: string): string | undefined {
  if (certificate.uris.some((uri) => uri !== `spiffe://${trustDomain}`))
    return `${formatName(x509.subject)} is an intermediate of another trust domain`;
  if (!mayBeClient(certificate)) return `${formatName(x509.subject)} may not issue certificates of clients`;
  return undefined;
}

function narrowed(chain: Chain, { certificate }: CertificateAuthority): Chain {
  return {
    notBefore: Math.max(chain.notBefore, certificate.notBefore),
    notAfter: Math.min(chain.notAfter, certificate.notAfter),
  };
}
