import '../../support/reflect-metadata.ts';

import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import type { CertificateAuthority } from '../../../src/core/peer/authority.ts';
import { Authorities } from '../../../src/core/peer/bundle.ts';
import { parseBundleFile } from '../../../src/core/peer/bundle-document.ts';
import { type Certificate, parseDerCertificate } from '../../../src/core/peer/certificate.ts';
import { readForwardedChain } from '../../../src/core/peer/forwarded-chain.ts';
import { createCa, urlEncodePem } from '../../support/ca.ts';

const now = Date.UTC(2030, 0, 15, 12);
const validity = { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + 3_600_000) };

async function intermediate(publicExponent: readonly number[]): Promise<string> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.from(publicExponent),
  };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=intermediate',
    ...validity,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  return `${certificate.toString('pem')}\n`;
}

test('forwarded chain – an intermediate whose key takes long to verify with is refused unread', async (t) => {
  const leaf = await (await createCa(validity)).svid('spiffe://cluster.local/ns/a/sa/b', validity);
  const certificate = parseDerCertificate(leaf.der) as Certificate;
  const read = (pem: string) => readForwardedChain(urlEncodePem(leaf.certPem + pem), certificate);
  t.false(read(await intermediate([1, 0, 1])) instanceof Denial);
  const costly = read(await intermediate([0xff, 0xff, 0xff, 0xfb]));
  t.is(costly instanceof Denial && costly.reason, 'peer_chain_untrusted');
  t.regex((costly instanceof Denial && costly.detail) || '', /takes long/);
});

test('forwarded chain – a refusal holds for a second, for this chain and no other', async (t) => {
  const ca = await createCa(validity);
  const above = await ca.intermediate(validity);
  const leaf = await above.svid('spiffe://cluster.local/ns/a/sa/b', validity);
  const certificate = parseDerCertificate(leaf.der) as Certificate;
  const authorities = new Authorities(parseBundleFile(ca.certPem) as readonly CertificateAuthority[]);
  const check = (pem: string, at: number) =>
    authorities.check(certificate, urlEncodePem(leaf.certPem + pem), {
      trustDomain: 'cluster.local',
      now: at,
      clockSkew: 0,
    });
  const early = validity.notBefore.getTime() - 500;
  const refused = check(above.certPem, early);
  t.is(refused?.reason, 'peer_chain_untrusted');
  t.is(check(above.certPem, early + 900), refused);
  t.is(check(above.certPem, early + 1_000), undefined);
  const other = await (await createCa(validity)).intermediate(validity);
  const again = new Authorities(parseBundleFile(ca.certPem) as readonly CertificateAuthority[]);
  const terms = { trustDomain: 'cluster.local', now, clockSkew: 0 };
  t.truthy(again.check(certificate, urlEncodePem(leaf.certPem + other.certPem), terms));
  t.is(again.check(certificate, urlEncodePem(leaf.certPem + above.certPem), terms), undefined);
});
