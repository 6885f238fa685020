import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { certs, element, ids, issue, pattern, type Shown, verify } from './world.ts';

const { evil, victim, client, gateway } = certs;
const gateways = [pattern(ids.gateway)];
const own = element(ids.evil, { hash: evil.sha256Hex });
const asVictim = element(ids.victim, { hash: victim.sha256Hex });
const asGateway = element(ids.gateway, { hash: gateway.sha256Hex });
const withCert = element(ids.victim, { hash: victim.sha256Hex, more: `Cert="${victim.urlEncodedPem}";` });

const evilByAll: readonly [what: string, shown: Shown][] = [
  ['attribute', { certificate: evil.urlEncodedPem, principal: ids.evil }],
  ['attribute without principal', { certificate: evil.urlEncodedPem }],
  ['principal', { principal: ids.evil }],
  ['XFCC alone', {}],
];

/** APPEND_FORWARD: the client's own elements first, the proxy's last. */
for (const [what, shown] of evilByAll)
  for (const [forgery, first] of [
    ['the victim', asVictim],
    ['the victim with Cert', withCert],
    ['a gateway', asGateway],
    ['the victim behind a gateway', `${asVictim},${asGateway}`],
    ['twenty victims', Array(20).fill(asVictim).join(',')],
    ['an element in quotes', `Subject="${asGateway.replaceAll('"', '\\"')}"`],
  ] as const)
    test(`forwarded – a client that writes ${forgery} in front is still itself, known by ${what} (attacks 8)`, (t) => {
      const peer = verify({ ...shown, xfcc: `${first},${own}` }, { gateways });
      if (peer === undefined || peer instanceof Denial) return t.fail(JSON.stringify(peer));
      t.is(peer.spiffeId?.uri, ids.evil);
      t.is(peer.thumbprint, evil.thumbprint);
      t.is(peer.forwarded, own);
      t.false('via' in peer);
    });

/** FORWARD_ONLY: the whole header is the client's word. */
const notNamed = new Denial(
  'peer_forwarded_ambiguous',
  'the last element does not name the peer of the proxy',
);
for (const [forgery, xfcc] of [
  ['the victim', asVictim],
  ['the victim with Cert', withCert],
  ['a gateway', asGateway],
  ['the victim behind a gateway', `${asVictim},${asGateway}`],
  ['itself, then the victim', `${own},${asVictim}`],
  ['a hash alone', `Hash=${victim.sha256Hex}`],
  ['nobody', `By=${ids.orders};URI=`],
  ['its name and something behind', element(`${ids.evil}2`)],
] as const) {
  test(`forwarded – only the client's word, that it is ${forgery}, is refused where XFCC counts (FORWARD_ONLY)`, (t) => {
    t.deepEqual(verify({ principal: ids.evil, xfcc }, { gateways }), notNamed);
    t.deepEqual(verify({ principal: ids.evil, xfcc }, { gateways, from: ['xfcc'] }), notNamed);
  });

  test(`forwarded – only the client's word, that it is ${forgery}, changes nothing for a proven peer and goes no further (FORWARD_ONLY)`, (t) => {
    for (const shown of [
      { certificate: evil.urlEncodedPem, principal: ids.evil },
      { certificate: evil.urlEncodedPem },
    ]) {
      const peer = verify({ ...shown, xfcc }, { gateways });
      if (peer === undefined || peer instanceof Denial) return t.fail(JSON.stringify(peer));
      t.is(peer.spiffeId?.uri, ids.evil);
      t.is(peer.thumbprint, evil.thumbprint);
      t.false('forwarded' in peer, peer.forwarded);
    }
  });
}

/** A last element that has something of the sender and something of another: not what the proxy would have written. */
for (const [what, xfcc] of [
  ['a second URI', `Hash=${evil.sha256Hex};URI=${ids.evil};URI=${ids.victim}`],
  ['the Cert of another', `Hash=${evil.sha256Hex};Cert="${victim.urlEncodedPem}";URI=${ids.evil}`],
  ['the Hash of another', `Hash=${victim.sha256Hex};URI=${ids.evil}`],
  ['more than a Hash', `Hash=${evil.sha256Hex}zz;URI=${ids.evil}`],
] as const)
  test(`forwarded – an element of the sender with ${what} is not passed on`, (t) => {
    const peer = verify({ certificate: evil.urlEncodedPem, principal: ids.evil, xfcc });
    if (peer === undefined || peer instanceof Denial) return t.fail(JSON.stringify(peer));
    t.is(peer.spiffeId?.uri, ids.evil);
    t.false('forwarded' in peer, peer.forwarded);
  });

test('forwarded – an element with the Hash of the sender and the URI of another is not passed on, without principal', (t) => {
  const peer = verify({
    certificate: evil.urlEncodedPem,
    xfcc: element(ids.victim, { hash: evil.sha256Hex }),
  });
  if (peer === undefined || peer instanceof Denial) return t.fail(JSON.stringify(peer));
  t.is(peer.spiffeId?.uri, ids.evil);
  t.false('forwarded' in peer, peer.forwarded);
});

/**
 * Envoy's principal is the first URI SAN, else a DNS SAN, else the subject: whatever it is, a last element with other URIs
 * was not written for that peer.
 */
for (const [what, principal, xfcc] of [
  [
    'a SAN with a comma, of a foreign CA',
    `https://a,URI=${ids.victim}`,
    `Hash=${evil.sha256Hex};Subject="";URI=https://a,URI=${ids.victim}`,
  ],
  [
    'a DNS name with a comma, of a foreign CA',
    `a,URI=${ids.victim}`,
    `Hash=${evil.sha256Hex};Subject="";URI=;DNS=a,URI=${ids.victim}`,
  ],
  ['a peer with a DNS name (FORWARD_ONLY)', 'client.example', asVictim],
  ['a peer with a subject (FORWARD_ONLY)', 'CN=client,O=x', asVictim],
  ['a peer with another URI (FORWARD_ONLY)', 'https://client.example', asVictim],
] as const)
  test(`forwarded – refuses the name of a victim out of ${what} (URI, DNS and By are unescaped)`, (t) => {
    t.deepEqual(verify({ principal, xfcc }), notNamed);
  });

test('forwarded – a SPIFFE ID with a comma, of a foreign CA, forges no element', async (t) => {
  const uri = `spiffe://cluster.local/x,URI=${ids.victim}`;
  const xfcc = `Hash=${evil.sha256Hex};Subject="";URI=${uri}`;
  t.deepEqual(verify({ principal: uri, xfcc }), notNamed);
  const { urlEncodedPem } = await issue({ uris: [uri] });
  t.deepEqual(
    verify({ certificate: urlEncodedPem, principal: uri, xfcc }),
    new Denial('peer_spiffe_id_invalid', 'a path segment has other characters than a-z A-Z 0-9 . - _'),
  );
});

test('forwarded – a pair in a URI SAN of a foreign CA is two URIs, and refused', (t) => {
  const xfcc = `Hash=${evil.sha256Hex};Subject="";URI=https://a;URI=${ids.victim}`;
  t.deepEqual(
    verify({ principal: `https://a;URI=${ids.victim}`, xfcc }, { from: ['xfcc'] }) instanceof Denial,
    true,
  );
  t.deepEqual(
    verify({ xfcc }, { from: ['xfcc'] }),
    new Denial('peer_forwarded_ambiguous', 'several URIs, and no Cert that confirms one'),
  );
});

test('forwarded – a peer with a DNS name is known by its thumbprint, and its own element is passed on (RFC 8705)', (t) => {
  const xfcc = `By=${ids.orders};Hash=${client.sha256Hex};Subject="CN=a";URI=;DNS=client.example`;
  t.deepEqual(verify({ principal: 'client.example', xfcc }), {
    source: 'xfcc',
    thumbprint: client.thumbprint,
    forwarded: xfcc,
  });
});

test('forwarded – an element with a URI that is not a SPIFFE ID gives a thumbprint, and is passed on (RFC 8705)', (t) => {
  const xfcc = `Hash=${client.sha256Hex};Subject="";URI=https://client.example`;
  t.deepEqual(verify({ principal: 'https://client.example', xfcc }), {
    source: 'xfcc',
    thumbprint: client.thumbprint,
    forwarded: xfcc,
  });
});
