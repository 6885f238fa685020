import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { explainMissingPeer } from '../../../src/core/peer/missing-peer.ts';
import { createCheckWorld, evidenceFor, type Presented } from '../../support/check-world.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../../support/token-fixture.ts';
import { createWorkloads, GATEWAY, SHOP, TRUST_DOMAIN } from '../../support/workload-fixture.ts';

const signer = createSigner('ES256');
const { shop, nameless } = await createWorkloads();
const token = signer.sign(goodClaims({ sub: SHOP, cnf: { 'x5t#S256': shop.thumbprint } }));
type From = 'attribute' | 'xfcc' | 'principal' | 'x-client-certificate';
const worldFrom = (from: From[]) =>
  createCheckWorld({
    issuers: { corp: inlineIssuer([signer]) },
    peers: { from, trustDomains: { [TRUST_DOMAIN]: {} } },
    rules: [
      { name: 'peers', match: { paths: ['/peers'] }, require: { peers: [SHOP] } },
      { name: 'bound', match: { paths: ['/bound'] }, require: { binding: ['certificate'] } },
      { name: 'workload', require: { binding: ['workload'] } },
      { name: 'database', match: { protocol: 'tcp' }, require: { peers: [SHOP] } },
    ],
  });
const all = await worldFrom(['attribute', 'xfcc', 'principal']);
const xfcc = (element: string) => ({ headers: { 'x-forwarded-client-cert': element } });

const absent: [title: string, from: From[], presented: Presented, why: string][] = [
  ['nothing came', ['attribute', 'xfcc', 'principal'], {}, 'the proxy sent neither a certificate nor x-'],
  [
    'the header is not read',
    ['attribute'],
    xfcc(`By=${GATEWAY};URI=${SHOP}`),
    'the check holds x-forwarded-client-cert, and peers.from leaves out xfcc',
  ],
  [
    'the attribute is not read',
    ['xfcc'],
    { certificate: shop },
    'the check holds a certificate, and peers.from leaves out attribute',
  ],
  [
    'the principal is not read',
    ['xfcc'],
    { principal: SHOP },
    `the check holds the principal "${SHOP}", and peers.from leaves out principal`,
  ],
  [
    'our own header is not read',
    ['xfcc'],
    { headers: { 'x-client-certificate': 'x' } },
    'the check holds x-client-certificate (a client can write it), and peers.from leaves out x-client-',
  ],
  [
    'the principal is another name',
    ['attribute', 'principal'],
    { principal: 'CN=shop' },
    'the proxy names its peer only as "CN=shop", which is not a SPIFFE ID',
  ],
  [
    'the element is empty',
    ['xfcc'],
    xfcc(`By=${GATEWAY};Subject="CN=shop"`),
    'the last element of x-forwarded-client-cert holds neither URI, Hash nor Cert',
  ],
];
for (const [title, from, presented, why] of absent)
  test(`missing peer – the log says that ${title}`, async (t) => {
    const world = await worldFrom(from);
    for (const [path, reason] of [
      ['/peers', 'peer_missing'],
      ['/bound', 'binding_peer_missing'],
      ['/workload', 'binding_peer_missing'],
    ] as const) {
      const { decision } = await world.check({ token, path, ...presented });
      t.is(decision.reason, reason);
      t.true('detail' in decision && decision.detail?.startsWith(why), JSON.stringify(decision));
    }
  });

const withoutName: [title: string, presented: Presented, why: string][] = [
  [
    'certificate',
    { certificate: nameless },
    'the certificate that the proxy sent does not hold a SPIFFE ID;',
  ],
  [
    'element',
    xfcc(`By=${GATEWAY};Hash=${shop.sha256Hex}`),
    'x-forwarded-client-cert does not name a SPIFFE ID: the certificate has none, or the proxy does not add URI;',
  ],
];
for (const [title, presented, why] of withoutName)
  test(`missing peer – the log says that the ${title} does not name a SPIFFE ID`, async (t) => {
    for (const path of ['/peers', '/workload']) {
      const { decision } = await all.check({ token, path, ...presented });
      t.true('detail' in decision && decision.detail?.startsWith(why), JSON.stringify(decision));
    }
  });

test('missing peer – the log says so for a connection, too', async (t) => {
  const { decision } = await all.connect({ principal: 'db.example' });
  t.is(decision.reason, 'peer_missing');
  t.regex(('detail' in decision && decision.detail) || '', /^the proxy names its peer only as "db.example"/);
});

test('missing peer – the log says that SPIFFE IDs are not used at all', (t) => {
  const denial = new Denial('binding_peer_missing', 'workload: no peer with a SPIFFE ID');
  const policy = { ...all.policy.peers, trustDomains: undefined };
  const explained = explainMissingPeer(denial, evidenceFor({}), policy, { source: 'attribute' });
  t.regex(
    explained.detail ?? '',
    /^peers.trustDomains is not set, so a SPIFFE ID does not count; workload: /,
  );
});

test('missing peer – what the door knows comes first, and a long principal is shortened', (t) => {
  const denial = new Denial('peer_missing', 'why', { scope: 'scope' });
  const { peers } = all.policy;
  const evidence = evidenceFor({ principal: `CN=${'x'.repeat(20_000)}` });
  t.true((explainMissingPeer(denial, evidence, peers, undefined).detail ?? '').length < 200);
  const dropped = { ...evidence, peer: { ...evidence.peer, missing: 'it was dropped' } };
  t.deepEqual(
    explainMissingPeer(denial, dropped, peers, undefined),
    new Denial('peer_missing', 'it was dropped; why', { scope: 'scope' }),
  );
});

test('missing peer – another refusal stays the same object', (t) => {
  const denial = new Denial('token_missing');
  t.is(explainMissingPeer(denial, evidenceFor({}), all.policy.peers, undefined), denial);
});
