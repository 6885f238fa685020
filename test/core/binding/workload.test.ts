import test from 'ava';
import { createCheckWorld } from '../../support/check-world.ts';
import { type expectedRefusals, isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, inlineIssuer, OTHER_ISSUER } from '../../support/token-fixture.ts';
import { SHOP, TILL, TRUST_DOMAIN } from '../../support/workload-fixture.ts';

const signer = createSigner('ES256');
const partner = createSigner('ES256');
const world = await createCheckWorld({
  issuers: {
    corp: inlineIssuer([signer]),
    partner: inlineIssuer([partner], { issuer: OTHER_ISSUER }),
  },
  peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
  clients: {
    shop: [SHOP],
    fleet: [`spiffe://${TRUST_DOMAIN}/ns/fleet/sa/*`],
    deep: [`spiffe://${TRUST_DOMAIN}/ns/deep/**`],
    'corp-only': { workloads: [SHOP], issuers: ['corp'] },
  },
  rules: [{ name: 'bound', require: { binding: ['workload'] } }],
});
const spiffe = (path: string) => `spiffe://${TRUST_DOMAIN}/${path}`;

/** Claims, and the name of a peer that may use the token. */
const held: [string, Record<string, unknown>, string][] = [
  ['a SPIFFE subject (JWT-SVID §3.1)', { sub: SHOP }, SHOP],
  ['a SPIFFE actor for a user (RFC 8693 §4.1)', { sub: 'alice', act: { sub: SHOP } }, SHOP],
  ['a SPIFFE actor for another workload (RFC 8693 §4.1)', { sub: TILL, act: { sub: SHOP } }, SHOP],
  ['a SPIFFE actor without any subject', { sub: undefined, act: { sub: SHOP } }, SHOP],
  [
    'the current actor before the earlier one',
    { sub: 'alice', act: { sub: SHOP, act: { sub: TILL } } },
    SHOP,
  ],
  ['an actor that is a registered client', { sub: 'alice', act: { sub: 'shop' } }, SHOP],
  ['the client that the actor names', { sub: 'alice', act: { sub: 'bob', client_id: 'shop' } }, SHOP],
  [
    'a person who acts through the client of the token (RFC 8693 §4.3)',
    { sub: 'alice', client_id: 'shop', act: { sub: 'bob' } },
    SHOP,
  ],
  ['client_id', { client_id: 'shop' }, SHOP],
  ['azp', { azp: 'shop' }, SHOP],
  ['client_id and azp alike', { client_id: 'shop', azp: 'shop' }, SHOP],
  ['a client with a pattern of one segment', { client_id: 'fleet' }, spiffe('ns/fleet/sa/truck')],
  ['a client with a pattern of any depth', { client_id: 'deep' }, spiffe('ns/deep/a/b/c')],
  ['a client of this issuer only', { client_id: 'corp-only' }, SHOP],
];
for (const [title, claims, principal] of held)
  test(`workload binding – accepts ${title}`, async (t) => {
    const answer = await world.check({ token: signer.sign(goodClaims(claims)), principal });
    isAllowed(t, answer);
    t.is(answer.decision.found.boundBy, 'workload');
  });

type Reason = keyof typeof expectedRefusals;
const refused: [string, Record<string, unknown>, string, Reason][] = [
  ['a subject whose token another workload sends', { sub: SHOP }, TILL, 'binding_workload_mismatch'],
  [
    'the subject where another workload acts (RFC 8693 §4.1)',
    { sub: TILL, act: { sub: SHOP } },
    TILL,
    'binding_workload_mismatch',
  ],
  [
    'a registered client where another workload acts (RFC 8693 §4.1)',
    { sub: 'alice', client_id: 'shop', act: { sub: TILL } },
    SHOP,
    'binding_workload_mismatch',
  ],
  [
    'an earlier actor (RFC 8693 §4.1)',
    { sub: 'alice', act: { sub: SHOP, act: { sub: TILL } } },
    TILL,
    'binding_workload_mismatch',
  ],
  [
    'the subject where an actor that is not a SPIFFE ID acts',
    { sub: SHOP, act: { sub: 'alice' } },
    SHOP,
    'binding_missing',
  ],
  [
    'the client of the token where the actor names another one',
    { sub: 'alice', client_id: 'shop', act: { sub: 'bob', client_id: 'fleet' } },
    SHOP,
    'binding_workload_mismatch',
  ],
  [
    'a client that another issuer calls by this name',
    { sub: 'alice', act: { sub: 'shop', iss: OTHER_ISSUER } },
    SHOP,
    'binding_missing',
  ],
  ['an earlier actor alone', { sub: 'alice', act: { act: { sub: SHOP } } }, SHOP, 'actor_malformed'],
  [
    'may_act, which is a permission and no fact (RFC 8693 §4.4)',
    { sub: 'alice', may_act: { sub: SHOP } },
    SHOP,
    'binding_missing',
  ],
  ['an actor as a string', { sub: 'alice', act: SHOP }, SHOP, 'actor_malformed'],
  ['an actor as a list', { sub: 'alice', act: [{ sub: SHOP }] }, SHOP, 'actor_malformed'],
  ['an actor that is null', { sub: 'alice', act: null }, SHOP, 'actor_malformed'],
  ['an actor whose sub is a list', { sub: 'alice', act: { sub: [SHOP] } }, SHOP, 'actor_malformed'],
  ['a longer subject', { sub: `${SHOP}bar` }, SHOP, 'binding_workload_mismatch'],
  ['a shorter subject', { sub: SHOP.slice(0, -1) }, SHOP, 'binding_workload_mismatch'],
  ['a subject with a slash behind', { sub: `${SHOP}/` }, SHOP, 'binding_workload_mismatch'],
  ['a subject in another case', { sub: SHOP.replace('shop', 'Shop') }, SHOP, 'binding_workload_mismatch'],
  [
    'a subject with its scheme in another case',
    { sub: SHOP.replace('spiffe', 'SPIFFE') },
    SHOP,
    'binding_missing',
  ],
  ['a subject with an escape', { sub: SHOP.replace('shop', 'sho%70') }, SHOP, 'binding_workload_mismatch'],
  ['a subject that is a pattern', { sub: spiffe('ns/applications/sa/*') }, SHOP, 'binding_workload_mismatch'],
  [
    'a subject that is the trust domain',
    { sub: `spiffe://${TRUST_DOMAIN}` },
    SHOP,
    'binding_workload_mismatch',
  ],
  [
    'a subject of another trust domain',
    { sub: SHOP.replace(TRUST_DOMAIN, 'evil.example') },
    SHOP,
    'binding_workload_mismatch',
  ],
  [
    'a subject that is only the ServiceAccount',
    { sub: 'system:serviceaccount:applications:shop' },
    SHOP,
    'binding_missing',
  ],
  ['a client from another workload', { client_id: 'shop' }, TILL, 'binding_workload_mismatch'],
  ['a client that is not registered', { client_id: 'unknown' }, SHOP, 'binding_missing'],
  ['a client in another case', { client_id: 'Shop' }, SHOP, 'binding_missing'],
  [
    'client_id and azp that differ (RFC 9068 §2.2)',
    { client_id: 'shop', azp: 'till' },
    SHOP,
    'binding_missing',
  ],
  [
    'azp that would do beside a client_id that would not',
    { client_id: 'till', azp: 'shop' },
    SHOP,
    'binding_missing',
  ],
  ['a client named as sub', { sub: 'shop' }, SHOP, 'binding_missing'],
  ['a client named in aud', { aud: ['orders', 'shop'] }, SHOP, 'binding_missing'],
  ['__proto__ as client', { client_id: '__proto__' }, SHOP, 'binding_missing'],
  [
    'a pattern of one segment, one deeper',
    { client_id: 'fleet' },
    spiffe('ns/fleet/sa/truck/7'),
    'binding_workload_mismatch',
  ],
  [
    'a pattern of one segment, one less',
    { client_id: 'fleet' },
    spiffe('ns/fleet/sa'),
    'binding_workload_mismatch',
  ],
  [
    'a pattern of another namespace',
    { client_id: 'deep' },
    spiffe('ns/deeper/a'),
    'binding_workload_mismatch',
  ],
  ['nobody known', { sub: SHOP }, '', 'binding_peer_missing'],
  ['a DNS name as peer', { sub: SHOP }, 'shop.applications.svc', 'binding_peer_missing'],
];
for (const [title, claims, principal, reason] of refused)
  test(`workload binding – denies ${title}`, async (t) => {
    const answer = await world.check({ token: signer.sign(goodClaims(claims)), principal });
    isRefused(t, answer, reason);
    t.is(answer.decision.found.boundBy, undefined);
  });

test('workload binding – a client is registered at the issuers it names, and at no other', async (t) => {
  const claims = goodClaims({ iss: OTHER_ISSUER, client_id: 'corp-only' });
  isRefused(t, await world.check({ token: partner.sign(claims), principal: SHOP }), 'binding_missing');
  const everywhere = partner.sign({ ...claims, client_id: 'shop' });
  isAllowed(t, await world.check({ token: everywhere, principal: SHOP }));
});

test('workload binding – no name is believed where no trust domain is configured', async (t) => {
  const without = await createCheckWorld({
    issuers: { corp: inlineIssuer([signer]) },
    rules: [{ name: 'bound', require: { binding: ['certificate'] } }],
  });
  const answer = await without.check({ token: signer.sign(goodClaims({ sub: SHOP })), principal: SHOP });
  isRefused(t, answer, 'binding_missing');
  t.is(answer.decision.found.peer?.spiffeId, undefined);
});
