import type { KeyObject } from 'node:crypto';
import { Malformed } from '../../lib/malformed.ts';
import { Denial } from '../denial.ts';
import { type CertificateAuthority, toAuthority } from './authority.ts';
import { type Certificate, parseDerCertificate } from './certificate.ts';
import { readCertificates } from './pem.ts';

/** The most intermediates that a client may send. Three are many in practice. */
export const maxIntermediates = 5;
const maxLength = 65_536;

/**
 * The intermediates of XFCC `Chain` (Envoy: URL-encoded PEM of the leaf and the certificates sent with it).
 * The first certificate must be the leaf; each of the others must be allowed to sign. The client chose them:
 * `findChain` checks what they signed. Their order does not matter (RFC 8446 §4.4.2).
 */
export function readForwardedChain(
  urlEncodedPem: string,
  leaf: Certificate,
): readonly CertificateAuthority[] | Denial {
  if (urlEncodedPem.length > maxLength)
    return new Denial('peer_forwarded_malformed', `Chain is longer than ${maxLength} characters`);
  let pem: string;
  try {
    pem = decodeURIComponent(urlEncodedPem);
  } catch {
    return new Denial('peer_forwarded_malformed', 'the URL encoding of Chain is broken');
  }
  const ders = readCertificates(pem, 1 + maxIntermediates);
  if (ders instanceof Malformed) return new Denial('peer_forwarded_malformed', `Chain: ${ders.why}`);
  const [first, ...others] = ders;
  if (!first?.equals(leaf.der))
    return new Denial('peer_forwarded_ambiguous', 'Chain does not begin with the certificate itself');
  const intermediates: CertificateAuthority[] = [];
  for (const der of others) {
    const certificate = parseDerCertificate(der);
    if (certificate instanceof Malformed)
      return new Denial('peer_forwarded_malformed', `Chain: ${certificate.why}`);
    const authority = toAuthority(certificate);
    if (authority instanceof Malformed) return new Denial('peer_chain_untrusted', authority.why);
    if (isCostly(authority.publicKey))
      return new Denial('peer_chain_untrusted', 'an intermediate has a key that takes long to verify with');
    intermediates.push(authority);
  }
  return intermediates;
}

/** RSA 8192 takes ten times as long as RSA 4096, and a large exponent three times as long again. */
function isCostly({ asymmetricKeyType, asymmetricKeyDetails: details }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = details ?? {};
  return asymmetricKeyType === 'rsa' && (modulusLength > 4096 || publicExponent > 65_537n);
}
