import { type Case, each, type Group } from '../case.ts';
import { SHOP, TILL } from '../fixture.ts';

const notAllowed = 'token_type_not_allowed';

/** A JWT-SVID of the shop, sent by the shop. */
const svid = (
  more: Record<string, unknown>,
  reason: Case['reason'],
  header: Record<string, unknown> = {},
  sender: 'shop' | 'till' = 'shop',
): Case => ({
  send: (f) => ({ path: '/workload', sender: f.senders[sender], token: f.svid(more, header) }),
  reason,
});

/** A ServiceAccount token of the shop, sent by the shop. */
const account = (
  more: Record<string, unknown>,
  reason: Case['reason'],
  path = '/workload',
  sender: 'shop' | 'till' = 'shop',
): Case => ({ send: (f) => ({ path, sender: f.senders[sender], token: f.account(more) }), reason });

const otherSvids: readonly [string, Record<string, unknown>, Case['reason']][] = [
  ['of another workload', { sub: TILL }, 'binding_workload_mismatch'],
  ['of a trust domain and not of a workload', { sub: 'spiffe://cluster.local' }, notAllowed],
  ['of another trust domain', { sub: 'spiffe://evil.example/ns/applications/sa/shop' }, notAllowed],
  [
    'of a trust domain that begins alike',
    { sub: 'spiffe://cluster.local.evil/ns/applications/sa/shop' },
    notAllowed,
  ],
  [
    'of another believed trust domain',
    { sub: 'spiffe://partner.example/ns/applications/sa/shop' },
    notAllowed,
  ],
  ['with a slash at its end', { sub: `${SHOP}/` }, notAllowed],
  ['with dot segments', { sub: `${SHOP}/../shop` }, notAllowed],
  ['with an escape', { sub: SHOP.replace('shop', '%73hop') }, notAllowed],
  ['with its domain in capitals', { sub: SHOP.replace('cluster', 'Cluster') }, notAllowed],
  ['with a Cyrillic letter', { sub: SHOP.replace('shop', 'sh\u043ep') }, notAllowed],
  ['without a SPIFFE ID', { sub: 'shop' }, notAllowed],
  ['without a subject', { sub: undefined }, notAllowed],
  ['for another audience', { aud: ['payments'] }, 'token_audience_mismatch'],
  ['without an audience', { aud: [] }, 'token_audience_mismatch'],
  [
    'bound to a key as well',
    { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } },
    'confirmation_unproven',
  ],
];

export const group: Group = {
  number: 6,
  title: 'Kind of token',
  items: {
    'JWT-SVID': {
      source: 'JWT-SVID §3, §4; RFC 8725 §3.11',
      cases: {
        'its own workload passes': svid({}, 'allowed'),
        'without iss its trust domain says whose it is': svid({ iss: undefined }, 'allowed'),
        'without iss, of a trust domain that has no issuer': svid(
          { iss: undefined, sub: 'spiffe://evil.example/x' },
          'token_issuer_unknown',
        ),
        'stolen by another workload': svid({}, 'binding_workload_mismatch', {}, 'till'),
        'sent by nobody': {
          send: (f) => ({ path: '/workload', token: f.svid() }),
          reason: 'binding_peer_missing',
        },
        ...each(otherSvids, ([what, more, reason]) => [what, svid(more, reason)]),
        'by its typ an access token': svid({}, notAllowed, { typ: 'at+jwt' }),
        'signed by the key of the token issuer': {
          send: (f) => ({ path: '/workload', sender: f.senders.shop, token: f.svid({}, {}, 'ec') }),
          reason: 'token_key_unknown',
        },
        'signed by the key for X.509-SVIDs': {
          send: (f) => ({
            path: '/workload',
            sender: f.senders.shop,
            token: f.keys.odd['x509-svid'].sign(f.claims({ iss: undefined, sub: SHOP })),
          }),
          reason: 'token_key_unknown',
        },
        'used where only another issuer is accepted': {
          send: (f) => ({ path: '/corp', sender: f.senders.shop, token: f.svid() }),
          reason: 'token_issuer_not_allowed',
        },
        'a SPIFFE subject in a token of the token issuer, of another workload': {
          send: (f) => ({
            path: '/workload',
            sender: f.senders.shop,
            token: f.sign({ sub: TILL, client_id: undefined }),
          }),
          reason: 'binding_workload_mismatch',
        },
        'an actor that is another workload (RFC 8693 §4.1)': {
          send: (f) => ({
            path: '/workload',
            sender: f.senders.shop,
            token: f.sign({ sub: SHOP, act: { sub: TILL } }),
          }),
          reason: 'binding_workload_mismatch',
        },
        'an actor behind the actor does not count': {
          send: (f) => ({
            path: '/workload',
            sender: f.senders.shop,
            token: f.sign({ act: { sub: TILL, act: { sub: SHOP } } }),
          }),
          reason: 'binding_workload_mismatch',
        },
        'an actor, sent by a workload that its client is registered for': {
          send: (f) => ({
            path: '/workload',
            sender: f.senders.shop,
            token: f.sign({ act: { sub: TILL }, client_id: 'shop' }),
          }),
          reason: 'binding_workload_mismatch',
        },
      },
    },
    'ServiceAccount token': {
      source: 'Kubernetes TokenRequest; CVE-2025-25207',
      cases: {
        'its own workload passes': account({}, 'allowed', '/account'),
        'stolen by another workload': account({}, 'binding_workload_mismatch', '/account', 'till'),
        'of a ServiceAccount that the rule does not name': account(
          {
            sub: 'system:serviceaccount:applications:till',
            'kubernetes.io': { namespace: 'applications', serviceaccount: { name: 'till' } },
          },
          'service_account_not_allowed',
          '/account',
          'till',
        ),
        'whose subject is another': account({ sub: 'system:serviceaccount:kube-system:admin' }, notAllowed),
        'whose namespace is another': account(
          { 'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'shop' } } },
          notAllowed,
        ),
        'whose names are cut in another place': account(
          {
            sub: 'system:serviceaccount:applications:shop',
            'kubernetes.io': { namespace: 'applications:shop', serviceaccount: { name: '' } },
          },
          notAllowed,
        ),
        'without the claims of Kubernetes': account({ 'kubernetes.io': undefined }, notAllowed),
        'with a list for them': account({ 'kubernetes.io': [{ namespace: 'applications' }] }, notAllowed),
        'the same claims in a token of the token issuer': {
          send: (f) => ({
            path: '/account',
            sender: f.senders.shop,
            token: f.sign({
              sub: 'system:serviceaccount:applications:shop',
              'kubernetes.io': { namespace: 'applications', serviceaccount: { name: 'shop' } },
            }),
          }),
          reason: 'service_account_not_allowed',
        },
      },
    },
  },
};
