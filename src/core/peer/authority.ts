import { type KeyObject, X509Certificate } from 'node:crypto';
import { Malformed } from '../../lib/malformed.ts';
import type { Certificate } from './certificate.ts';

/** A certificate that says it may sign others: an authority of a bundle, or an intermediate. */
export interface CertificateAuthority {
  readonly certificate: Certificate;
  readonly x509: X509Certificate;
  readonly publicKey: KeyObject;
}

/**
 * Checks whether a certificate may sign others: `cA` TRUE, `keyCertSign` if keyUsage is present (RFC 5280
 * §6.1.4 (k), (n); X509-SVID §4.1, §4.3), no unsupported restriction (§6.1.4 (o)), and a key that is strong
 * and cheap to verify with, because the client chooses its intermediates. Does **not** check its signer or
 * its time.
 */
export function toAuthority(certificate: Certificate): CertificateAuthority | Malformed {
  const { isCa, keyUsage, unsupported, hasFitKey, der } = certificate;
  const x509 = new X509Certificate(der);
  const name = formatName(x509.subject);
  if (!isCa) return new Malformed(`${name} is not a CA`);
  if (keyUsage && !keyUsage.keyCertSign) return new Malformed(`${name} may not sign certificates`);
  if (unsupported.length > 0)
    return new Malformed(`${name} has an extension that is not supported: ${unsupported.join(', ')}`);
  if (!hasFitKey)
    return new Malformed(`${name} has a key that is too weak, too large or of an unsupported type`);
  return { certificate, x509, publicKey: x509.publicKey };
}

/** A distinguished name as one line for the log. */
export function formatName(subject: string | undefined): string {
  return `"${(subject ?? '').replaceAll('\n', ', ').slice(0, 200)}"`;
}
