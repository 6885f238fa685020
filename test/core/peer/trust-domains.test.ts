import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import {
  certs,
  domains,
  element,
  ids,
  issue,
  notAfter,
  notBefore,
  type Shown,
  spiffe,
  svid,
  verify,
} from './world.ts';

const { client, foreign } = certs;
const plain = await issue({ subject: 'CN=plain' });
const forms = (uri: string, { urlEncodedPem, sha256Hex: hash }: typeof client): [string, Shown][] => [
  ['attribute', { certificate: urlEncodedPem }],
  ['XFCC Cert', { xfcc: `Cert="${urlEncodedPem}";URI=${uri}` }],
  ['XFCC Hash', { xfcc: element(uri, { hash }) }],
  ['XFCC URI', { xfcc: element(uri) }],
  ['principal', { principal: uri }],
];

for (const [source, shown] of forms(ids.foreign, foreign))
  test(`trust domain – refuses one that only has ours as a prefix, from ${source} (attacks 9: example.org.evil)`, (t) => {
    const denial = new Denial('peer_trust_domain_not_allowed', `the peer is ${ids.foreign}`);
    t.deepEqual(verify(shown), denial);
    t.deepEqual(verify(shown, { trustDomains: domains() }), denial);
    t.deepEqual(verify(shown, { trustDomains: domains('local', 'cluster.local.evi', 'evil') }), denial);
  });

for (const [source, shown] of forms(ids.foreign, foreign))
  test(`trust domain – accepts each that is listed, from ${source}`, (t) => {
    const peer = verify(shown, { trustDomains: domains('cluster.local', 'cluster.local.evil') });
    t.deepEqual(peer instanceof Denial ? peer : peer?.spiffeId, spiffe(ids.foreign));
  });

for (const [source, shown] of forms(ids.client, client))
  test(`trust domain – without a list no SPIFFE ID is used, but a certificate still is, from ${source} (schema: trustDomains)`, (t) => {
    const peer = verify(shown, { trustDomains: undefined });
    if (peer === undefined || peer instanceof Denial) return t.fail(JSON.stringify(peer));
    t.false('spiffeId' in peer);
    t.is(peer.thumbprint, source === 'XFCC URI' || source === 'principal' ? undefined : client.thumbprint);
  });

test('trust domain – a certificate without a SPIFFE ID needs none (RFC 8705)', (t) => {
  const expected = { source: 'attribute', thumbprint: plain.thumbprint } as const;
  t.deepEqual(verify({ certificate: plain.urlEncodedPem, principal: 'CN=plain' }), expected);
  t.deepEqual(verify({ certificate: plain.urlEncodedPem }, { trustDomains: undefined }), expected);
});

const second = 1_000;
const minute = 60 * second;
const expired = new Denial(
  'peer_certificate_expired',
  `valid until 2026-01-02T00:00:00.000Z; the peer is ${ids.client}`,
);
const early = new Denial(
  'peer_certificate_not_yet_valid',
  `valid from 2026-01-01T00:00:00.000Z; the peer is ${ids.client}`,
);
const from = [
  ...forms(ids.client, client).slice(0, 2),
  ['x-client-certificate', { clientCertificate: client.urlEncodedPem }],
] as const;
for (const [source, shown] of from)
  for (const [what, now, clockSkew, denial] of [
    ['at its first instant', notBefore, 0, undefined],
    ['one millisecond before its first instant', notBefore - 1, 0, early],
    ['a year before', notBefore - 365 * 24 * 60 * minute, minute, early],
    ['in its last millisecond', notAfter - 1, 0, undefined],
    // As OpenSSL's X509_cmp_time: the end itself is out.
    ['at its end', notAfter, 0, expired],
    ['long after its end', notAfter + 365 * 24 * 60 * minute, minute, expired],
    ['before its first instant, within the skew', notBefore - minute, minute, undefined],
    ['before its first instant, beyond the skew', notBefore - minute - 1, minute, early],
    ['after its end, within the skew', notAfter + minute - 1, minute, undefined],
    ['after its end, beyond the skew', notAfter + minute, minute, expired],
  ] as const)
    test(`validity – ${source} ${what} is ${denial?.reason ?? 'accepted'} (attacks 8, RFC 5280 §4.1.2.5)`, (t) => {
      const peer = verify(shown, { clockSkew, from: ['attribute', 'xfcc', 'x-client-certificate'] }, now);
      if (denial) t.deepEqual(peer, denial);
      else t.true(!(peer instanceof Denial) && peer?.thumbprint === client.thumbprint);
    });

test('validity – a name without a certificate has none: the proxy checked it', (t) => {
  const later = notAfter + 365 * 24 * 60 * minute;
  t.false(verify({ principal: ids.client }, {}, later) instanceof Denial);
  t.false(verify({ xfcc: element(ids.client, { hash: client.sha256Hex }) }, {}, later) instanceof Denial);
});

test('validity – is asked before the trust domain, and both of a certificate that fails both (verify-peer.ts)', (t) => {
  t.deepEqual(
    verify({ certificate: foreign.urlEncodedPem }, {}, notAfter),
    new Denial(
      'peer_certificate_expired',
      `valid until 2026-01-02T00:00:00.000Z; the peer is ${ids.foreign}`,
    ),
  );
});

test('validity – a certificate that ends before it begins is never valid (attacks 8)', async (t) => {
  const upside = await svid(ids.client, { notBefore: new Date(notAfter), notAfter: new Date(notBefore) });
  for (const now of [notBefore - 1, notBefore, notAfter - 1, notAfter])
    t.true(verify({ certificate: upside.urlEncodedPem }, {}, now) instanceof Denial);
});
