import type { KeyObject } from 'node:crypto';

const curves = ['prime256v1', 'secp384r1', 'secp521r1'];

/**
 * Whether the key of a certificate, be it a workload's or an authority's, is one that proves anything: RSA from 2048 bits
 * (NIST SP 800-131A), P-256, P-384, P-521, Ed25519. These are the keys that SPIRE, Istio and cert-manager make. RSA has
 * an upper bound too, because a key of a size of its own choice would let a client decide how long a signature takes us.
 */
export function isFit({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n, namedCurve = '' } = details ?? {};
  if (type === 'rsa')
    return (
      modulusLength >= 2048 && modulusLength <= 8192 && publicExponent > 2n && publicExponent < 2n ** 32n
    );
  return type === 'ed25519' || (type === 'ec' && curves.includes(namedCurve));
}
