import { createPublicKey } from 'node:crypto';
import test from 'ava';
import { parseCertificate } from '../../../src/core/peer/certificate.ts';
import { readExtensions } from '../../../src/core/peer/extensions.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { explicitP256 } from '../../support/odd-public-keys.ts';
import { certs, ids, svid } from './world.ts';

/** The client's certificate with another number as its version. `[0] EXPLICIT INTEGER 2` is version 3. */
function ofVersion(number: number): Buffer {
  const der = Buffer.from(certs.client.der);
  const at = der.indexOf(Buffer.from([0xa0, 3, 2, 1, 2]));
  der[at + 4] = number;
  return der;
}

for (const [what, bytes] of [
  ['2', ofVersion(1)],
  ['1, written out', ofVersion(0)],
  ['4', ofVersion(3)],
] as const)
  test(`extensions – refuses them in a certificate of version ${what} (RFC 5280 §4.1.2.1)`, (t) => {
    t.deepEqual(readExtensions(bytes), new Malformed('it has extensions, and its version is not 3'));
  });

test('extensions – refuses a curve that is written out, also where it is P-256 (RFC 5480 §2.1.1)', async (t) => {
  const leaf = await svid(ids.client, { publicKey: explicitP256() });
  t.is(createPublicKey(leaf.certPem).asymmetricKeyDetails?.namedCurve, 'prime256v1');
  t.deepEqual(
    parseCertificate(leaf.urlEncodedPem),
    new Malformed('the curve of its key is written out instead of named'),
  );
});
