import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { Denial } from '../../../../src/core/denial.ts';
import { toAuthority } from '../../../../src/core/peer/authority.ts';
import { Authorities } from '../../../../src/core/peer/bundle.ts';
import { parseBundleFile } from '../../../../src/core/peer/bundle-document.ts';
import {
  type Certificate,
  parseCertificate,
  parseDerCertificate,
} from '../../../../src/core/peer/certificate.ts';
import { candidateFromCertificate } from '../../../../src/core/peer/peer-candidate.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { urlEncodePem } from '../../../support/ca.ts';
import { NOW } from '../../../support/check-world.ts';
import { type Target, target } from '../campaign.ts';
import { oddCertificates, realCertificates } from '../certificate-base.ts';
import { mutatedDer } from '../mutate-der.ts';
import { mutatedBytes, mutatedText } from '../mutate-text.ts';
import { pemOf } from '../presented-parts.ts';
import { authority, certificates, intermediate, TRUST_DOMAIN } from '../world.ts';

/** What is read of a certificate is what its bytes say; node:crypto sees the same validity and the same names. */
function holdsOfCertificate(certificate: Certificate): void {
  const { der, thumbprint, notBefore, notAfter, uris, isCa } = certificate;
  assert.equal(thumbprint, createHash('sha256').update(der).digest('base64url'));
  assert.ok(
    Number.isFinite(notBefore) && Number.isFinite(notAfter),
    `valid from ${notBefore} until ${notAfter}`,
  );
  const x509 = new X509Certificate(der);
  assert.ok(x509.raw.equals(der), 'bytes around it');
  if (x509.ca) assert.ok(isCa, 'a CA that was not noticed');
  const names = x509.subjectAltName ?? '';
  for (const uri of uris)
    if (/^[\w:/.-]+$/.test(uri)) assert.ok(names.includes(`URI:${uri}`), `${uri} is in no SAN`);
  if (uris.length === 0) assert.doesNotMatch(names, /(?:^|, )URI:/, 'a URI that was not noticed');
  const sender = candidateFromCertificate(certificate);
  if (!(sender instanceof Denial) && sender.spiffeId) assert.deepEqual(uris, [sender.spiffeId.uri]);
  assert.ok(!isCa || sender instanceof Denial, 'a CA as a workload');
}

function readsCertificate(der: Buffer): string {
  const certificate = parseDerCertificate(der);
  const encoded = parseCertificate(urlEncodePem(pemOf(der)));
  // One is read from the text that the other is written in, unless that is too long.
  if (!(encoded instanceof Malformed)) assert.deepEqual(encoded, certificate);
  if (certificate instanceof Malformed) return certificate.why.replace(/\d+(?:\.\d+){2,}/, '…');
  holdsOfCertificate(certificate);
  toAuthority(certificate);
  return 'read';
}

function readsText(text: string): string {
  const certificate = parseCertificate(text);
  if (certificate instanceof Malformed) return certificate.why.replace(/\d+(?:\.\d+){2,}/, '…');
  holdsOfCertificate(certificate);
  const pem = decodeURIComponent(text);
  assert.ok(pem.replace(/\s/g, '').includes(certificate.der.toString('base64')));
  return 'read';
}

const root = parseBundleFile(authority.certPem);
if (root instanceof Malformed) throw new TypeError(root.why);
const above = new X509Certificate(intermediate.certPem).raw;
/** What was signed of a certificate: all of these have an outer and an inner SEQUENCE of two-byte length. */
const bodyOf = (der: Buffer) => der.subarray(4, 8 + der.readUInt16BE(6));
const signed = new Set(
  [
    certificates.shop,
    certificates.till,
    certificates.gateway,
    certificates.nameless,
    certificates.odd,
    certificates.late,
  ].map(({ der }) => bodyOf(der).toString('hex')),
);
signed.add(bodyOf(certificates.behind.der).toString('hex'));

interface Chained {
  readonly leaf: Buffer;
  readonly chain: readonly Buffer[];
}

/** Nothing chains to an authority but what was signed by it, or by an intermediate that was. */
function chains({ leaf, chain }: Chained): string {
  const certificate = parseDerCertificate(leaf);
  if (certificate instanceof Malformed) return 'leaf: malformed';
  const forwarded = chain.length > 0 ? urlEncodePem(chain.map(pemOf).join('')) : undefined;
  const terms = { trustDomain: TRUST_DOMAIN, now: NOW, clockSkew: 0 };
  const authorities = new Authorities(root as Exclude<typeof root, Malformed>);
  const denial = authorities.check(certificate, forwarded, terms);
  // Remembered or not, the answer is one.
  assert.equal(authorities.check(certificate, forwarded, terms)?.reason, denial?.reason);
  if (denial) return denial.reason;
  assert.ok(signed.has(bodyOf(leaf).toString('hex')), 'what chains was not signed');
  if (bodyOf(leaf).equals(bodyOf(certificates.behind.der)))
    assert.ok(
      chain.some((der) => bodyOf(der).equals(bodyOf(above))),
      'an intermediate that was not signed',
    );
  return 'chained';
}

const leaves = fc.constantFrom(
  certificates.shop.der,
  certificates.behind.der,
  certificates.behind.der,
  certificates.selfMade.der,
);
const altered = (base: fc.Arbitrary<Buffer>) =>
  fc.oneof(
    { weight: 2, arbitrary: base },
    { weight: 1, arbitrary: mutatedDer(base, 2) },
    { weight: 1, arbitrary: mutatedBytes(base, { most: 2 }) },
  );
const presentedChains = altered(leaves).chain((leaf) =>
  fc
    .array(
      altered(fc.constantFrom(above, certificates.shop.der, new X509Certificate(authority.certPem).raw)),
      {
        maxLength: 3,
      },
    )
    .map((others): Chained => ({ leaf, chain: others.length > 0 ? [leaf, ...others] : [] })),
);

export const certificateTargets: readonly Target[] = [
  target({
    name: 'certificate',
    inputs: oddCertificates,
    hold: readsCertificate,
    reaches: ['read', 'the ASN.1 cannot be read', 'not an X.509 certificate with a key that can be read'],
  }),
  target({
    name: 'certificate-text',
    inputs: mutatedText(
      fc.constantFrom(...realCertificates).map((der) => urlEncodePem(pemOf(der))),
      {
        words: [
          '%0A',
          '%0D%0A',
          '%',
          '%2B',
          '+',
          '%3D',
          '=',
          '-----',
          '%20',
          '%00',
          '-----BEGIN%20CERTIFICATE-----',
        ],
      },
    ),
    hold: readsText,
    reaches: ['read', 'not one PEM certificate and nothing else', 'the URL encoding is broken'],
  }),
  target({
    name: 'chain',
    inputs: presentedChains,
    hold: chains,
    reaches: ['chained', 'peer_chain_untrusted', 'peer_forwarded_malformed'],
  }),
];
