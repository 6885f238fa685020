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

const always: Chain = { notBefore: Number.NEGATIVE_INFINITY, notAfter: Number.POSITIVE_INFINITY };

/** What a chain is checked against, in addition to the authorities. */
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

/** ECDSA, RSA PKCS #1 v1.5 with SHA-2, Ed25519. Not SHA-1 or MD5: two certificates can share a signature. */
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
 * Searches a path from the leaf over intermediates to an authority (RFC 5280 §6.1, X509-SVID §5.1): names and
 * key identifiers chain, signatures are valid and of an accepted algorithm, each CA is valid now and its path
 * length suffices (self-issued ones count too), an intermediate allows clients if it has extKeyUsage, and
 * names the trust domain if it has a URI (X509-SVID §3.2). Goes level by level and reaches each intermediate
 * once: at most 15 signatures of intermediates, and at most six for each authority with the right name. Does
 * **not** check the leaf's own validity, key, usage, extensions and SANs (`candidateFromCertificate` and
 * `verifyPeer` do), revocation, policies, and constraints on names or policies (`toAuthority` refuses such a
 * CA).
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
  let level: readonly Link[] = [{ certificate: leaf, x509: top, ...always }];
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
        const { certificate, x509 } = authority;
        top = x509;
        above.push({ certificate, x509, ...narrowed(link, authority) });
      }
    level = above;
  }
  const missing = `no authority of ${terms.trustDomain} is its issuer ${formatName(top.issuer)}`;
  return new Denial('peer_chain_untrusted', problems.at(-1) ?? missing);
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

/** Why a CA cannot have this many CAs below it. Checked before any signature. */
function obstacle({ certificate, x509 }: CertificateAuthority, below: number, terms: ChainTerms) {
  const { now, clockSkew } = terms;
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

/** Why an intermediate is refused in addition. An authority of a bundle is trusted as it is configured. */
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
