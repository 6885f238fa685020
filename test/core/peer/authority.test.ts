import '../../support/reflect-metadata.ts';

import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import test from 'ava';
import { toAuthority } from '../../../src/core/peer/authority.ts';
import { parseDerCertificate } from '../../../src/core/peer/certificate.ts';
import { Malformed } from '../../../src/lib/malformed.ts';

type Keys = Parameters<typeof webcrypto.subtle.generateKey>[0] & object;

/** A self-signed CA whose key is of this kind. */
async function caWith(algorithm: Keys & { name: string }): Promise<Buffer> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=odd',
    keys,
    signingAlgorithm: { name: algorithm.name, hash: 'SHA-256' },
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return Buffer.from(certificate.rawData);
}
const rsa = (modulusLength: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
});
const tooOdd = new Malformed('"CN=odd" has a key that is too weak, too large or of an unsupported type');

for (const [what, algorithm, fits] of [
  ['RSA 1024', rsa(1024), false],
  ['RSA 2048', rsa(2048), true],
  ['RSA 4096', rsa(4096), true],
  ['P-256', { name: 'ECDSA', namedCurve: 'P-256' }, true],
  ['P-521', { name: 'ECDSA', namedCurve: 'P-521' }, true],
  ['Ed25519', { name: 'Ed25519' }, true],
] as const)
  test(`authority – ${what} is ${fits ? 'a key' : 'no key'} to verify with (attacks 17)`, async (t) => {
    const certificate = parseDerCertificate(await caWith(algorithm as Keys & { name: string }));
    if (certificate instanceof Malformed) return t.fail(certificate.why);
    const authority = toAuthority(certificate);
    if (fits) t.false(authority instanceof Malformed);
    else t.deepEqual(authority, tooOdd);
  });
