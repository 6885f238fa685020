import { hash, type KeyObject, X509Certificate } from 'node:crypto';
import { Malformed } from '../../lib/malformed.ts';
import { type Extensions, type Purpose, readExtensions } from './extensions.ts';

/** A longer URL-encoded PEM is refused before it is decoded. An RSA 4096 leaf has about 3 KB. */
export const maxEncodedLength = 16_384;

const pemForm =
  /^\s*-----BEGIN CERTIFICATE-----\r?\n((?:[A-Za-z0-9+/]{1,76}\r?\n)*[A-Za-z0-9+/]{1,76}={0,2})\r?\n-----END CERTIFICATE-----\s*$/;

/** Purposes that allow client certificates, and intermediates of client certificates. */
const clientPurposes: readonly Purpose[] = ['clientAuth', 'anyExtendedKeyUsage'];

/** A certificate that was read completely. Does **not** say who signed it: see chain.ts. */
export interface Certificate extends Extensions {
  /** `x5t#S256` of RFC 8705 §3.1: base64url of the SHA-256 of the DER. */
  readonly thumbprint: string;
  readonly der: Buffer;
  /** Whether its key is of a known kind and strong enough: see `isFit`. */
  readonly hasFitKey: boolean;
}

/**
 * Reads the certificate that Envoy sends (`source.certificate`, XFCC `Cert`): one certificate as URL-encoded
 * PEM. Only percent-decoding, so `+` stays `+`. Refuses a second certificate, and text or bytes around it.
 * Does **not** check validity in time, signature or chain.
 */
export function parseCertificate(urlEncodedPem: string): Certificate | Malformed {
  if (urlEncodedPem.length > maxEncodedLength)
    return new Malformed(`longer than ${maxEncodedLength} characters`);
  let pem: string;
  try {
    pem = decodeURIComponent(urlEncodedPem);
  } catch {
    return new Malformed('the URL encoding is broken');
  }
  const base64 = pemForm.exec(pem)?.[1]?.replace(/\r?\n/g, '');
  if (base64 === undefined) return new Malformed('not one PEM certificate and nothing else');
  const der = Buffer.from(base64, 'base64');
  if (der.toString('base64') !== base64) return new Malformed('the base64 is not canonical');

  return parseDerCertificate(der);
}

/** Does the same for DER. Refuses trailing bytes and an unreadable key. Checks no more than that. */
export function parseDerCertificate(der: Buffer): Certificate | Malformed {
  const extensions = readExtensions(der);
  if (extensions instanceof Malformed) return extensions;
  let hasFitKey: boolean;
  try {
    hasFitKey = isFit(new X509Certificate(der).publicKey); // the getter throws where the key cannot be read
  } catch {
    return new Malformed('not an X.509 certificate with a key that can be read');
  }
  return { ...extensions, thumbprint: hash('sha256', der, 'base64url'), der, hasFitKey };
}

/** Whether TLS clients may use it (X509-SVID §4.4, RFC 5280 §4.2.1.12). Without extKeyUsage they may. */
export function mayBeClient({ extendedKeyUsage }: Pick<Certificate, 'extendedKeyUsage'>): boolean {
  return extendedKeyUsage?.some((purpose) => clientPurposes.includes(purpose)) ?? true;
}

const curves = ['prime256v1', 'secp384r1', 'secp521r1'];

/**
 * Whether the key of a workload or an authority is strong enough: RSA from 2048 bits (NIST SP 800-131A),
 * P-256, P-384, P-521, Ed25519. SPIRE, Istio and cert-manager create these keys. RSA has an upper bound too;
 * otherwise a client could choose how long a signature takes us.
 */
function isFit({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n, namedCurve = '' } = details ?? {};
  if (type === 'rsa')
    return (
      modulusLength >= 2048 && modulusLength <= 8192 && publicExponent > 2n && publicExponent < 2n ** 32n
    );
  return type === 'ed25519' || (type === 'ec' && curves.includes(namedCurve));
}
