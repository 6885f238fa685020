import type { KeyObject } from 'node:crypto';

const curves = ['prime256v1', 'secp384r1', 'secp521r1'];

/**
 * Whether the key of a workload or an authority is strong enough: RSA from 2048 bits (NIST SP 800-131A),
 * P-256, P-384, P-521, Ed25519. SPIRE, Istio and cert-manager create these keys. RSA has an upper bound too;
 * otherwise a client could choose how long a signature takes us.
 */
export function isFit({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n, namedCurve = '' } = details ?? {};
  if (type === 'rsa')
    return (
      modulusLength >= 2048 && modulusLength <= 8192 && publicExponent > 2n && publicExponent < 2n ** 32n
    );
  return type === 'ed25519' || (type === 'ec' && curves.includes(namedCurve));
}
