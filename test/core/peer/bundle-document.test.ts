import { readFileSync } from 'node:fs';
import test from 'ava';
import type { CertificateAuthority } from '../../../src/core/peer/authority.ts';
import { parseBundleFile, parseSpiffeBundle } from '../../../src/core/peer/bundle-document.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { createCa } from '../../support/ca.ts';
import { byRoot, caOptions, chainOf, foreign, issuing, root } from './chain-world.ts';

const recorded = (file: string) =>
  readFileSync(new URL(`../../fixtures/spire/${file}`, import.meta.url), 'utf8');
const thumbprints = (list: readonly CertificateAuthority[] | Malformed) =>
  list instanceof Malformed ? list.why : list.map(({ certificate }) => certificate.thumbprint);
const x5cOf = (pem: string) => pem.replace(/-----.*?-----|\s/g, '');
const entry = (pem: string, more: Record<string, unknown> = {}) => ({
  use: 'x509-svid',
  kty: 'EC',
  x5c: [x5cOf(pem)],
  ...more,
});
const named = (uri: string) => createCa(caOptions('O=named', { uris: [uri] }));
const [ours, theirs, lookalike, website] = await Promise.all(
  ['spiffe://cluster.local', 'spiffe://partner.example', 'SPIFFE://cluster.local', 'https://ca.example'].map(
    named,
  ),
);

test('bundle document – PEM and SPIFFE bundle of SPIRE hold the same authority (recorded from SPIRE 1.16)', (t) => {
  const pem = thumbprints(parseBundleFile(recorded('bundle.pem')));
  t.is(pem.length, 1);
  t.deepEqual(thumbprints(parseBundleFile(recorded('bundle.spiffe.json'))), pem);
  const document = JSON.parse(recorded('bundle.spiffe.json'));
  const bundle = parseSpiffeBundle(document);
  if (bundle instanceof Malformed) return t.fail(bundle.why);
  t.deepEqual(thumbprints(bundle.authorities), pem);
  t.deepEqual(bundle.jwtKeys, [document.keys[1]]);
  t.is(bundle.jwtKeys[0]?.use, 'jwt-svid');
  t.is(bundle.refreshHint, undefined);
  t.deepEqual(bundle.passedOver, []);
});

for (const [what, pem, expected] of [
  ['several, in their order', root.certPem + foreign.certPem + issuing.certPem, [root, foreign, issuing]],
  ['comments around them', `# Root\nroot\n${root.certPem}\n# end`, [root]],
  ['comments of dashes', `# ----- Root -----\n${root.certPem}# -----BEGIN CERTIFICATE-----\n#-----`, [root]],
  ['one without a newline before the next', root.certPem.trimEnd() + foreign.certPem, [root, foreign]],
  ['one that is there twice', root.certPem + foreign.certPem + root.certPem, [root, foreign]],
  ['lines that end with CR LF', root.certPem.replaceAll('\n', '\r\n'), [root]],
  ['no newline at the end', root.certPem.trimEnd(), [root]],
] as const)
  test(`bundle document – reads PEM with ${what} (RFC 7468)`, (t) => {
    t.deepEqual(
      thumbprints(parseBundleFile(pem)),
      expected.flatMap(({ certPem }) => thumbprints(parseBundleFile(certPem))),
    );
  });

for (const [what, text, why] of [
  ['nothing', '', 'no certificate in PEM'],
  ['other text', 'hello', 'no certificate in PEM'],
  ['half a certificate', root.certPem.slice(0, 200), 'a broken PEM block'],
  [
    'one that is cut off behind a good one',
    root.certPem + foreign.certPem.slice(0, -30),
    'a broken PEM block',
  ],
  ['a private key', root.certPem + root.keyPem, 'holds a PRIVATE KEY, not only certificates'],
  ['a workload', root.certPem + byRoot.certPem, '"C=US, O=SPIRE" is not a CA'],
  ['URL-encoded PEM', chainOf(root), 'a broken PEM block'],
  ['dashes in a comment without a mark', `----- Root -----\n${root.certPem}`, 'a broken PEM block'],
  ['a mark before the first line of a block', `#${root.certPem}`, 'a broken PEM block'],
  ['broken base64', root.certPem.replace(/\n(.)/, '\n=$1'), 'the base64 of certificate 1 is broken'],
  ['101 certificates', root.certPem.repeat(101), 'more than 100 certificates'],
  ['broken JSON', '{"keys":', 'not a SPIFFE bundle: "keys" is not a list'],
  ['a JWK Set without x509-svid', '{"keys":[{"use":"sig"}]}', 'no usable X.509 authority in it'],
] as const)
  test(`bundle document – a file with ${what} is malformed as a whole`, (t) => {
    const found = parseBundleFile(text);
    t.is(found instanceof Malformed ? found.why : 'read', why);
  });

for (const [what, keys, expected] of [
  [
    'only the first x5c counts',
    [entry(root.certPem, { x5c: [x5cOf(root.certPem), x5cOf(foreign.certPem)] })],
    [root],
  ],
  ['another use is passed over', [{ ...entry(foreign.certPem), use: 'sig' }, entry(root.certPem)], [root]],
  ['no use is passed over', [{ x5c: [x5cOf(foreign.certPem)] }, entry(root.certPem)], [root]],
  ['use has a case', [entry(foreign.certPem, { use: 'X509-SVID' }), entry(root.certPem)], [root]],
  ['what is no object is passed over', [null, 7, 'x', [], entry(root.certPem)], [root]],
] as const)
  test(`SPIFFE bundle – ${what} (Trust Domain and Bundle §4.2, X509-SVID §6.2)`, (t) => {
    const bundle = parseSpiffeBundle({ keys });
    if (bundle instanceof Malformed) return t.fail(bundle.why);
    t.deepEqual(
      thumbprints(bundle.authorities),
      expected.flatMap(({ certPem }) => thumbprints(parseBundleFile(certPem))),
    );
    t.deepEqual(bundle.passedOver, []);
  });

for (const [what, x5c, why] of [
  ['no x5c', undefined, 'an x509-svid entry without x5c'],
  ['an empty x5c', [], 'an x509-svid entry without x5c'],
  ['a text as x5c', x5cOf(root.certPem), 'an x509-svid entry without x5c'],
  ['base64url', [Buffer.from([251, 255]).toString('base64url')], 'an x5c that is not canonical base64'],
  ['a workload', [x5cOf(byRoot.certPem)], '"C=US, O=SPIRE" is not a CA'],
  ['other bytes', ['AAAA'], 'the ASN.1 cannot be read'],
] as const)
  test(`SPIFFE bundle – an entry with ${what} is passed over, and said why (X509-SVID §6.2)`, (t) => {
    const bundle = parseSpiffeBundle({ keys: [entry(root.certPem, { x5c }), entry(foreign.certPem)] });
    if (bundle instanceof Malformed) return t.fail(bundle.why);
    t.is(bundle.authorities.length, 1);
    t.deepEqual(bundle.passedOver, [why]);
  });

for (const document of [undefined, null, 7, 'x', [], {}, { keys: {} }, { keys: 'x' }])
  test(`SPIFFE bundle – ${JSON.stringify(document)} is malformed (RFC 7517 §5)`, (t) => {
    t.deepEqual(parseSpiffeBundle(document), new Malformed('not a SPIFFE bundle: "keys" is not a list'));
  });

test('SPIFFE bundle – more than 100 keys are malformed, none at all is a bundle', (t) => {
  t.deepEqual(parseSpiffeBundle({ keys: Array.from({ length: 101 }) }), new Malformed('more than 100 keys'));
  const none = { authorities: [], passedOver: [], jwtKeys: [], witKeys: [], refreshHint: undefined };
  t.deepEqual(parseSpiffeBundle({ keys: [] }), none);
});

for (const [hint, expected] of [
  [300, 300],
  [0.5, 0.5],
  [0, undefined],
  [-1, undefined],
  ['300', undefined],
  [null, undefined],
] as const)
  test(`SPIFFE bundle – spiffe_refresh_hint ${JSON.stringify(hint)} is ${expected} (§4.1.2)`, (t) => {
    const bundle = parseSpiffeBundle({ keys: [], spiffe_refresh_hint: hint });
    t.is(bundle instanceof Malformed ? bundle : bundle.refreshHint, expected);
  });

test('bundle document – an expired authority is read: the time is asked at each check', async (t) => {
  const old = await createCa(caOptions('O=old', { notAfter: new Date(0), notBefore: new Date(0) }));
  t.is(thumbprints(parseBundleFile(old.certPem)).length, 1);
});

test('bundle document – an authority that names another trust domain is refused by name', (t) => {
  const read = (text: string) => thumbprints(parseBundleFile(text, 'cluster.local'));
  for (const { certPem } of [root, ours!, website!]) t.is(read(certPem).length, 1);
  const why = '"O=named" is an authority of another trust domain: ';
  t.is(read(ours!.certPem + theirs!.certPem), `${why}"spiffe://partner.example"`);
  t.is(read(lookalike!.certPem), `${why}"SPIFFE://cluster.local"`);
  t.is(thumbprints(parseBundleFile(theirs!.certPem, 'partner.example')).length, 1);
});

test('SPIFFE bundle – an authority that names another trust domain is passed over, and said why', (t) => {
  const keys = [entry(theirs!.certPem), entry(ours!.certPem), entry(ours!.certPem)];
  const bundle = parseSpiffeBundle({ keys }, 'cluster.local');
  if (bundle instanceof Malformed) return t.fail(bundle.why);
  t.deepEqual(thumbprints(bundle.authorities), thumbprints(parseBundleFile(ours!.certPem)));
  t.regex(bundle.passedOver.join(), /another trust domain: "spiffe:\/\/partner\.example"$/);
});

test('SPIFFE bundle – what is said about a hundred bad entries is short', (t) => {
  const keys = Array.from({ length: 100 }, (_, n) =>
    entry(root.certPem, { x5c: n < 50 ? ['AAAA'] : undefined }),
  );
  const found = parseBundleFile(JSON.stringify({ keys }));
  t.is(
    found instanceof Malformed ? found.why : 'read',
    'no usable X.509 authority in it: the ASN.1 cannot be read, an x509-svid entry without x5c',
  );
});
