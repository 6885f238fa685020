import test from 'ava';
import { Denial, DependencyError } from '../../../src/core/denial.ts';
import type { Bundle } from '../../../src/core/peer/bundle.ts';
import type { PeerPolicy } from '../../../src/core/peer/verify-peer.ts';
import {
  byIssuing,
  byRoot,
  chainOf,
  day,
  forwarded,
  issuing,
  leafOf,
  missing,
  nobody,
  past,
  root,
  sent,
  trusting,
  untrusted,
  verdict,
} from './chain-world.ts';
import { byGateway, certs, element, ids, pattern, type Shown, verify } from './world.ts';

const known = trusting(root);
const gateway = await root.svid(ids.gateway, day);
const rotated = await leafOf(issuing);
const plain = await root.issue({ ...day, subject: 'CN=plain' });
const expired = await leafOf(root, past);

const onlyName = (what: string) =>
  untrusted(
    `the proxy sent only a name${what}, and cluster.local has a bundle: let the proxy send the certificate (include_peer_certificate, or XFCC with cert: true)`,
  );
const forms: readonly [what: string, shown: Shown, denial: Denial][] = [
  ['source.principal', { principal: ids.client }, onlyName('')],
  ['XFCC URI (waypoint)', { xfcc: element(ids.client) }, onlyName('')],
  ['XFCC Hash and URI', { xfcc: element(ids.client, { hash: byRoot.sha256Hex }) }, onlyName(' and a hash')],
  [
    'XFCC Hash, URI and Chain without Cert',
    { xfcc: element(ids.client, { hash: byRoot.sha256Hex, more: `Chain="${chainOf(byRoot)}";` }) },
    onlyName(' and a hash'),
  ],
];
for (const [what, shown, denial] of forms)
  test(`bundle – a peer known by ${what} alone is refused, and accepted without a bundle`, (t) => {
    t.deepEqual(verdict(shown, known), denial);
    t.is(verdict(shown, {}), undefined);
  });

for (const [what, shown] of [
  ['source.certificate', { certificate: byRoot.urlEncodedPem }],
  ['XFCC Cert', forwarded(byRoot)],
] as const)
  test(`bundle – a peer known by ${what} is held against it`, (t) => {
    t.is(verdict(shown, known), undefined);
    const other = trusting(issuing);
    t.is((verdict(shown, other) as Denial).reason, 'peer_chain_untrusted');
  });

test('bundle – x-client-certificate is held against it too', (t) => {
  const from: PeerPolicy['from'] = ['x-client-certificate'];
  t.is(verdict({ clientCertificate: byRoot.urlEncodedPem }, { ...known, from }), undefined);
  t.deepEqual(
    verdict({ clientCertificate: certs.client.urlEncodedPem }, { ...known, from }),
    untrusted(`${nobody('C=US, O=SPIFFE')}${missing}`),
  );
});

test('bundle – source.certificate is completed by the Chain of the element about the same peer', (t) => {
  const certificate = byIssuing.urlEncodedPem;
  const principal = ids.client;
  t.is(verdict({ ...sent(byIssuing, issuing), certificate, principal }, known), undefined);
  const other = sent(rotated, issuing);
  t.deepEqual(
    verdict({ ...other, certificate, principal }, known),
    untrusted(`${nobody('CN=issuing')}${missing}`),
    'of the same workload with another certificate',
  );
});

test('bundle – a certificate without a SPIFFE ID belongs to no trust domain (RFC 8705)', (t) => {
  const peer = verify({ certificate: plain.urlEncodedPem }, trusting(issuing));
  t.deepEqual(peer, { source: 'attribute', thumbprint: plain.thumbprint });
});

test('bundle – another trust domain without a bundle is not checked', (t) => {
  const trustDomains = new Map([...known.trustDomains, ['cluster.local.evil', undefined]]);
  const peer = verify({ certificate: certs.foreign.urlEncodedPem }, { trustDomains });
  t.is(peer instanceof Denial ? peer : peer?.spiffeId?.uri, ids.foreign);
});

test('bundle – each trust domain has its own', (t) => {
  const trustDomains = new Map([...trusting(issuing).trustDomains, ['cluster.local.evil', undefined]]);
  trustDomains.set('cluster.local.evil', known.trustDomains.get('cluster.local'));
  t.is(
    (verdict({ certificate: byRoot.urlEncodedPem }, { trustDomains }) as Denial).reason,
    'peer_chain_untrusted',
  );
});

test('bundle – time, usage and trust domain are asked before it', (t) => {
  t.is(
    (verdict({ certificate: expired.urlEncodedPem }, trusting(issuing)) as Denial).reason,
    'peer_certificate_expired',
  );
  t.is(
    (verdict({ certificate: certs.foreign.urlEncodedPem }, known) as Denial).reason,
    'peer_trust_domain_not_allowed',
  );
});

const gateways = [pattern(ids.gateway)];
const own = forwarded(gateway).xfcc?.replace(`URI=${ids.client}`, `URI=${ids.gateway}`);
test('bundle – a gateway and its client are both held against it', (t) => {
  const shown = { certificate: gateway.urlEncodedPem, principal: ids.gateway };
  const client = sent(byIssuing, issuing).xfcc;
  const expected = { source: 'xfcc', via: ids.gateway, forwarded: `${client},${own}`, id: ids.client };
  const peer = verify({ ...shown, xfcc: `${client},${own}` }, { ...known, gateways });
  if (peer === undefined || peer instanceof Denial) return t.fail(JSON.stringify(peer));
  t.deepEqual(
    { source: peer.source, via: peer.via?.uri, forwarded: peer.forwarded, id: peer.spiffeId?.uri },
    expected as never,
  );
  const nameOnly = element(ids.client, { hash: byRoot.sha256Hex });
  t.deepEqual(
    verdict({ ...shown, xfcc: `${nameOnly},${own}` }, { ...known, gateways }),
    onlyName(' and a hash'),
  );
  t.deepEqual(
    verdict({ ...shown, xfcc: `${forwarded(certs.client).xfcc},${own}` }, { ...known, gateways }),
    untrusted(`${nobody('C=US, O=SPIFFE')}${missing}`),
  );
});

for (const [by, shown] of byGateway)
  test(`bundle – a gateway of another CA, or known only by name, is not believed about its client, by ${by}`, (t) => {
    const xfcc = `${sent(byRoot).xfcc},${element(ids.gateway, { hash: certs.gateway.sha256Hex })}`;
    t.is((verdict({ ...shown, xfcc }, { ...known, gateways }) as Denial).reason, 'peer_chain_untrusted');
  });

test('bundle – a missing bundle is an outage, only for peers that need it', (t) => {
  const failure = new DependencyError('bundle_unavailable', 'gone', 1);
  const gone: Bundle = {
    current() {
      throw failure;
    },
  };
  const trustDomains = new Map([
    ['cluster.local', gone],
    ['cluster.local.evil', undefined],
  ] as const);
  t.is(
    t.throws(() => verify({ certificate: byRoot.urlEncodedPem }, { trustDomains })),
    failure,
  );
  t.false(verify({ certificate: certs.foreign.urlEncodedPem }, { trustDomains }) instanceof Denial);
  t.false(verify({ certificate: plain.urlEncodedPem }, { trustDomains }) instanceof Denial);
  t.deepEqual(verdict({ principal: ids.client }, { trustDomains }), onlyName(''));
});
