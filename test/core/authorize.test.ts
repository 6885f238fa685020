import test from 'ava';
import type { Presented } from '../support/check-world.ts';
import { type expectedRefusals, isAllowed, isRefused } from '../support/expected-answers.ts';
import {
  corp,
  foreign,
  gateway,
  nameless,
  partner,
  shop,
  shopRotated,
  till,
  world,
} from '../support/orders-world.ts';
import { accessTokenClaims, goodClaims, OTHER_ISSUER } from '../support/token-fixture.ts';
import { GATEWAY, SHOP, TILL, xfccOf } from '../support/workload-fixture.ts';

const bound = corp.sign(goodClaims({ cnf: { 'x5t#S256': shop.thumbprint } }));
const subject = corp.sign(goodClaims({ sub: SHOP }));
const client = corp.sign(goodClaims({ client_id: 'shop' }));
const strictClaims = {
  cnf: { 'x5t#S256': shop.thumbprint },
  client_id: 'shop',
  scope: 'orders.write',
  tenant: 'blue',
};
const strict: Presented = {
  method: 'POST',
  host: 'orders.example.com',
  path: '/strict/7',
  context: { policy: 'orders' },
  certificate: shop,
  token: corp.sign(goodClaims(strictClaims)),
};
const xfcc = (...elements: string[]) => ({ 'x-forwarded-client-cert': elements.join(',') });

/** The whole list. What is not a row here is refused. */
const everyWayIn: [string, Presented, rule: string, boundBy: string | undefined][] = [
  ['a public rule, with nothing', { path: '/healthz' }, 'health', undefined],
  [
    'a public rule, whatever is sent',
    { path: '/healthz', authorization: 'rubbish', principal: 'x' },
    'health',
    undefined,
  ],
  [
    'a plain bearer token where none is written out',
    { path: '/bearer', token: corp.sign(goodClaims()) },
    'bearer',
    'none',
  ],
  [
    'a certificate-bound token and source.certificate',
    { token: bound, certificate: shop },
    'default',
    'certificate',
  ],
  [
    'a certificate-bound token and the Hash of XFCC',
    { token: bound, headers: xfcc(xfccOf(shop, SHOP)) },
    'default',
    'certificate',
  ],
  [
    'a certificate-bound token and the Cert of XFCC',
    { token: bound, headers: xfcc(`Cert="${shop.urlEncodedPem}"`) },
    'default',
    'certificate',
  ],
  [
    'a certificate-bound token through a gateway',
    { token: bound, certificate: gateway, headers: xfcc(xfccOf(shop, SHOP), xfccOf(gateway, GATEWAY)) },
    'default',
    'certificate',
  ],
  [
    'a certificate-bound token and a header that is trusted by name',
    { token: bound, headers: { 'x-client-certificate': shop.urlEncodedPem } },
    'default',
    'certificate',
  ],
  ['a token whose subject is the workload', { token: subject, certificate: shop }, 'default', 'workload'],
  ['the same after rotation', { token: subject, certificate: shopRotated }, 'default', 'workload'],
  ['the same with the name of the peer alone', { token: subject, principal: SHOP }, 'default', 'workload'],
  [
    'the same with a URI of XFCC (waypoint)',
    { token: subject, headers: xfcc(`By=${GATEWAY};URI=${SHOP}`) },
    'default',
    'workload',
  ],
  [
    'a token whose actor is the workload',
    { token: corp.sign(goodClaims({ act: { sub: SHOP } })), principal: SHOP },
    'default',
    'workload',
  ],
  ['a token of a registered client', { token: client, certificate: shop }, 'default', 'workload'],
  [
    'a certificate-bound token of a registered client after rotation',
    { token: corp.sign(goodClaims(strictClaims)), certificate: shopRotated },
    'default',
    'workload',
  ],
  [
    'an RFC 9068 token of another issuer',
    {
      token: partner.sign(accessTokenClaims({ iss: OTHER_ISSUER, aud: ['partners'], client_id: 'shop' }), {
        typ: 'at+jwt',
      }),
      principal: SHOP,
    },
    'default',
    'workload',
  ],
  [
    'no token at a token endpoint, where the peer is a registered client',
    {
      ...{ method: 'POST', path: '/token', certificate: shop },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&client_id=shop',
    },
    'token',
    'workload',
  ],
  ['every requirement at once', strict, 'strict', 'certificate'],
  [
    'a token where none is needed',
    { path: '/optional', token: bound, certificate: shop },
    'optional',
    'certificate',
  ],
];
for (const [title, presented, rule, boundBy] of everyWayIn)
  test(`every way in – ${title}`, async (t) => {
    const answer = await world.check({ path: '/orders/7', ...presented });
    if (boundBy === undefined) t.is(answer.decision.reason, 'public');
    else isAllowed(t, answer);
    t.is(answer.response.status?.code, 0);
    t.is(answer.decision.found.rule?.name, rule);
    t.is(answer.decision.found.boundBy, boundBy as never);
  });

test('every way in – no token where none is needed', async (t) => {
  for (const presented of [{}, { authorization: 'Basic YTpi' }, { authorization: '' }]) {
    const answer = await world.check({ path: '/optional', certificate: shop, ...presented });
    t.like(answer.decision, { reason: 'anonymous', effect: 'allow' });
    t.is(answer.response.status?.code, 0);
    t.is(answer.decision.found.token, undefined);
    t.is(answer.decision.found.peer?.spiffeId?.uri, SHOP);
  }
});

test('every way in – what a rule would refuse, but only observes', async (t) => {
  const expired = corp.sign(goodClaims({ exp: 1 }));
  for (const presented of [{}, { token: bound }, { token: expired }, { certificate: foreign }]) {
    const answer = await world.check({ path: '/observed', ...presented });
    t.like(answer.decision, { reason: 'observed', effect: 'allow', proven: { token: undefined } });
    t.is(answer.response.status?.code, 0);
  }
});

test('every way in – a connection from a peer that the rule names, and one that is public', async (t) => {
  for (const peer of [{ certificate: shop }, { principal: SHOP }, { certificate: shopRotated }])
    isAllowed(t, await world.connect(peer, 5432));
  t.is((await world.connect({}, 7)).decision.reason, 'public');
});

type Reason = keyof typeof expectedRefusals;

const optionalRefusals: [string, Presented, Reason][] = [
  ['of another sender', { token: bound, certificate: shopRotated }, 'binding_certificate_mismatch'],
  ['that names no sender', { token: corp.sign(goodClaims()) }, 'binding_missing'],
  ['that has expired', { token: corp.sign(goodClaims({ exp: 1 })) }, 'token_expired'],
  ['that a stranger signed', { token: partner.sign(goodClaims()) }, 'token_key_unknown'],
  [
    'of an issuer that the rule does not name',
    {
      token: partner.sign(accessTokenClaims({ iss: OTHER_ISSUER, aud: ['partners'], client_id: 'shop' }), {
        typ: 'at+jwt',
      }),
    },
    'token_issuer_not_allowed',
  ],
  ['that is not one', { authorization: 'Bearer x' }, 'token_malformed'],
  ['with a space in it', { authorization: 'Bearer x y' }, 'authorization_malformed'],
  ['beside another one', { authorization: `Bearer ${bound}, Bearer ${bound}` }, 'authorization_ambiguous'],
];
for (const [title, presented, reason] of optionalRefusals)
  test(`optional token – a token ${title} is refused, and its client is not treated as anonymous`, async (t) => {
    isRefused(t, await world.check({ path: '/optional', certificate: shop, ...presented }), reason);
  });

test('optional token – the other requirements of the rule hold without a token too', async (t) => {
  isRefused(t, await world.check({ path: '/optional' }), 'peer_missing');
  isRefused(t, await world.check({ path: '/optional', certificate: till }), 'peer_not_allowed');
});

/** The strict request with one thing changed. */
const strictRefusals: [string, Presented, Reason, { scope?: string }?][] = [
  ['another host', { host: 'orders.example.org' }, 'no_rule'],
  ['another method', { method: 'GET' }, 'no_rule'],
  ['another path', { path: '/strictly/7' }, 'no_rule'],
  ['another context', { context: { policy: 'billing' } }, 'no_rule'],
  ['no context', { context: {} }, 'no_rule'],
  ['a method in lower case', { method: 'post' }, 'request_malformed'],
  ['no method', { method: '' }, 'request_malformed'],
  ['no host', { host: '' }, 'request_malformed'],
  ['no path', { path: '' }, 'request_malformed'],
  ['a path with //', { path: '/strict//7' }, 'path_ambiguous'],
  ['a path with ..', { path: '/healthz/../strict/7' }, 'path_ambiguous'],
  ['no peer', { certificate: undefined as never }, 'peer_missing'],
  ['a peer without a name', { certificate: nameless }, 'peer_missing'],
  ['a peer that the rule does not name', { certificate: gateway }, 'peer_not_allowed'],
  ['a peer of another trust domain', { certificate: foreign }, 'peer_trust_domain_not_allowed'],
  ['no token', { token: undefined as never }, 'token_missing'],
  ['two tokens', { authorization: `Bearer ${bound},Bearer ${bound}` }, 'authorization_ambiguous'],
  ['another scheme', { authorization: 'Basic YTpi' }, 'token_missing'],
  ['no JWT', { token: 'opaque' }, 'token_malformed'],
  ['a token of another workload', { certificate: till }, 'binding_certificate_mismatch'],
  [
    'a token without a proof',
    { token: corp.sign(goodClaims({ ...strictClaims, cnf: undefined, client_id: 'x' })) },
    'binding_missing',
  ],
  ['another tenant', { token: corp.sign(goodClaims({ ...strictClaims, tenant: 'red' })) }, 'claim_mismatch'],
  [
    'another scope',
    { token: corp.sign(goodClaims({ ...strictClaims, scope: 'orders.read' })) },
    'scope_missing',
    { scope: 'orders.write' },
  ],
  [
    'another issuer',
    {
      token: partner.sign(accessTokenClaims({ ...strictClaims, iss: OTHER_ISSUER, aud: 'partners' }), {
        typ: 'at+jwt',
      }),
    },
    'token_issuer_not_allowed',
  ],
  ['an expired token', { token: corp.sign(goodClaims({ ...strictClaims, exp: 1 })) }, 'token_expired'],
];
for (const [title, change, reason, more] of strictRefusals)
  test(`one thing wrong – ${title}: ${reason}`, async (t) => {
    const presented = { ...strict, ...change };
    isRefused(t, await world.check(presented), reason, more);
  });

const connections: [string, Parameters<typeof world.connect>[0], number, Reason][] = [
  ['nobody', {}, 5432, 'peer_missing'],
  ['a DNS name', { principal: 'shop.example.com' }, 5432, 'peer_missing'],
  ['another workload', { certificate: till }, 5432, 'peer_not_allowed'],
  ['another trust domain', { certificate: foreign }, 5432, 'peer_trust_domain_not_allowed'],
  ['a port without a rule', { certificate: shop }, 5433, 'no_rule'],
  ['no port at all, as in an empty check', {}, 0, 'no_rule'],
];
for (const [title, peer, port, reason] of connections)
  test(`connection – denies ${title}`, async (t) => {
    isRefused(t, await world.connect(peer, port), reason);
  });

test('order – the peer is checked before the token, so that a wrong peer learns nothing about it', async (t) => {
  for (const token of ['rubbish', bound, corp.sign(goodClaims({ exp: 1 }))]) {
    const answer = await world.check({
      ...strict,
      token,
      certificate: till,
      principal: TILL,
      path: '/strict/7',
    });
    t.not(answer.decision.reason, 'peer_not_allowed');
    const stranger = await world.check({ ...strict, token, certificate: gateway });
    isRefused(t, stranger, 'peer_not_allowed');
    t.is(stranger.decision.found.token, undefined);
  }
});

test('order – time and audience are judged before the binding, the binding before the scopes', async (t) => {
  const stale = corp.sign(goodClaims({ exp: 1, cnf: null, scope: '' }));
  isRefused(t, await world.check({ ...strict, token: stale }), 'token_expired');
  const unbound = corp.sign(goodClaims({ scope: '' }));
  isRefused(t, await world.check({ ...strict, token: unbound }), 'binding_missing');
});

test('rules – a request that matches no rule is denied', async (t) => {
  isRefused(t, await world.check({ path: '/nowhere', token: bound, certificate: shop }), 'no_rule');
});
