import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { parseCertificate } from '../../../src/core/peer/certificate.ts';
import { candidateFromElement, type PeerCandidate } from '../../../src/core/peer/peer-candidate.ts';
import { parseXfcc } from '../../../src/core/peer/xfcc.ts';
import { certificateOf, certs, ids, issue, spiffe } from './world.ts';

const certificate = certificateOf(certs.client);
const id = spiffe(ids.client);
const { thumbprint, sha256Hex: hash, urlEncodedPem: cert } = certs.client;
const dots = 'a path segment of dots';
const segment = 'a path segment has other characters than a-z A-Z 0-9 . - _';

function senderOf(text: string) {
  const elements = parseXfcc(text);
  if (!Array.isArray(elements)) throw new TypeError(`not an element: ${text}`);
  return candidateFromElement(elements[0], parseCertificate);
}

const read: readonly [what: string, text: string, expected: PeerCandidate | undefined][] = [
  ['Hash and URI', `Hash=${hash};URI=${ids.client}`, { spiffeId: id, thumbprint }],
  ['Hash in upper case', `Hash=${hash.toUpperCase()};URI=${ids.client}`, { spiffeId: id, thumbprint }],
  ['Hash only', `Hash=${hash}`, { thumbprint }],
  ['Hash and an empty URI', `Hash=${hash};Subject="CN=a";URI=`, { thumbprint }],
  ['Hash and a URI that is no SPIFFE ID', `Hash=${hash};URI=https://a`, { thumbprint }],
  ['URI only (waypoint)', `By=${ids.orders};URI=${ids.client}`, { spiffeId: id }],
  ['Cert only', `Cert="${cert}"`, { spiffeId: id, thumbprint, certificate }],
  ['Cert without quotes', `Cert=${cert}`, { spiffeId: id, thumbprint, certificate }],
  [
    'Cert, Hash and URI that agree',
    `Hash=${hash};Cert="${cert}";URI=${ids.client}`,
    { spiffeId: id, thumbprint, certificate },
  ],
  ['an empty URI', `By=${ids.orders};URI=`, undefined],
  ['Subject and DNS only', 'Subject="CN=a";DNS=a', undefined],
  ['By only', `By=${ids.client}`, undefined],
  ['Chain only', `Chain="${cert}"`, undefined],
];
for (const [what, text, expected] of read)
  test(`sender of an XFCC element – ${what}`, (t) => {
    t.deepEqual(senderOf(text), expected);
  });

const several = 'several URIs, and no Cert that confirms one';
const another = 'URI is not what Cert says';
const two = 'Hash and Cert are of two certificates';
const notHash = 'Hash is not a hex SHA-256';
for (const [what, text, reason, detail] of [
  [
    'two URIs without Cert',
    `Hash=${hash};URI=${ids.client};URI=${ids.victim}`,
    'peer_forwarded_ambiguous',
    several,
  ],
  [
    'the same URI twice',
    `Hash=${hash};URI=${ids.client};URI=${ids.client}`,
    'peer_forwarded_ambiguous',
    several,
  ],
  ['an empty URI beside one', `Hash=${hash};URI=;URI=${ids.client}`, 'peer_forwarded_ambiguous', several],
  [
    'a forged pair out of a SAN',
    `Hash=${hash};Subject="";URI=https://a;URI=${ids.victim}`,
    'peer_forwarded_ambiguous',
    several,
  ],
  [
    'two URIs of which Cert knows one',
    `Cert="${cert}";URI=${ids.client};URI=${ids.victim}`,
    'peer_forwarded_ambiguous',
    another,
  ],
  ['a URI that Cert does not know', `Cert="${cert}";URI=${ids.victim}`, 'peer_forwarded_ambiguous', another],
  ['an empty URI where Cert has one', `Cert="${cert}";URI=`, 'peer_forwarded_ambiguous', another],
  ['Hash of another Cert', `Hash=${certs.victim.sha256Hex};Cert="${cert}"`, 'peer_forwarded_ambiguous', two],
  ['an empty Hash', `Hash=;URI=${ids.client}`, 'peer_forwarded_malformed', notHash],
  ['a Hash too short', `Hash=${hash.slice(1)};URI=${ids.client}`, 'peer_forwarded_malformed', notHash],
  ['a Hash too long', `Hash=${hash}0;URI=${ids.client}`, 'peer_forwarded_malformed', notHash],
  [
    'a Hash with something behind it',
    `Hash=${hash}zz;URI=${ids.client}`,
    'peer_forwarded_malformed',
    notHash,
  ],
  ['a Hash in base64url', `Hash=${thumbprint};URI=${ids.client}`, 'peer_forwarded_malformed', notHash],
  [
    'a Hash with colons',
    `Hash=${hash.replace(/..(?=.)/g, '$&:')};Cert="${cert}"`,
    'peer_forwarded_malformed',
    notHash,
  ],
  [
    'an empty Cert',
    `Hash=${hash};Cert="";URI=${ids.client}`,
    'peer_certificate_malformed',
    'not one PEM certificate and nothing else',
  ],
  [
    'a chain as Cert',
    `Cert="${cert}${certs.victim.urlEncodedPem}"`,
    'peer_certificate_malformed',
    'not one PEM certificate and nothing else',
  ],
  [
    'a trust domain',
    `Hash=${hash};URI=spiffe://cluster.local`,
    'peer_spiffe_id_invalid',
    'the ID of a trust domain, not of a workload',
  ],
  ['a URI with dots', `Hash=${hash};URI=spiffe://cluster.local/../x`, 'peer_spiffe_id_invalid', dots],
  [
    'a URI in another case',
    `URI=${ids.client.replace('spiffe', 'SPIFFE')}`,
    'peer_spiffe_id_invalid',
    'does not start with spiffe://',
  ],
  ['a URI with a space behind it', `URI=${ids.client} `, 'peer_spiffe_id_invalid', segment],
] as const)
  test(`sender of an XFCC element – refuses ${what} (attacks 8)`, (t) => {
    t.deepEqual(senderOf(text), new Denial(reason, detail));
  });

test('sender of an XFCC element – refuses two URIs that Cert confirms: no SVID has two (X509-SVID §2)', async (t) => {
  const both = await issue({ uris: [ids.client, ids.victim] });
  t.deepEqual(
    senderOf(`Cert="${both.urlEncodedPem}";URI=${ids.client};URI=${ids.victim}`),
    new Denial('peer_certificate_unsuitable', '2 URI SANs'),
  );
});

test('sender of an XFCC element – an empty URI agrees with a Cert that has none', async (t) => {
  const plain = await issue({ subject: 'CN=plain' });
  t.deepEqual(senderOf(`Hash=${plain.sha256Hex};Cert="${plain.urlEncodedPem}";Subject="CN=plain";URI=`), {
    thumbprint: plain.thumbprint,
    certificate: certificateOf(plain),
  });
});
