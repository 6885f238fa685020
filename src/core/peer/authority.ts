import { type KeyObject, X509Certificate } from 'node:crypto';
import { Malformed } from '../../lib/malformed.ts';
import type { Certificate } from './certificate.ts';

/** A certificate that may sign others, as far as it says so itself: an authority of a bundle, or an intermediate. */
export interface CertificateAuthority {
  readonly certificate: Certificate;
  readonly x509: X509Certificate;
  readonly publicKey: KeyObject;
}

/**
 * Whether a certificate may sign others: `cA` TRUE, `keyCertSign` where keyUsage is present (RFC 5280 §6.1.4 (k), (n);
 * X509-SVID §4.1, §4.3), no restriction that is not understood (§6.1.4 (o)), and a key that is strong and cheap to
 * verify with, since an intermediate is the client's choice. Does **not** check who signed it, nor the time.
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
