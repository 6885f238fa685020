import test from 'ava';
import { createCheckWorld } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import {
  anyBearer,
  createTokenWorld,
  goodClaims,
  ISSUER,
  inlineIssuer,
  OTHER_ISSUER,
} from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const world = await createTokenWorld([signer], { audiences: ['orders', 'https://orders.example.com/'] });

const namesUs: [string, unknown][] = [
  ['a string', 'orders'],
  ['the other configured one', 'https://orders.example.com/'],
  ['a list of one', ['orders']],
  ['a list with others', ['billing', 'orders']],
  ['both', ['orders', 'https://orders.example.com/']],
];
for (const [title, aud] of namesUs)
  test(`audience – accepts ${title} (RFC 7519 §4.1.3)`, async (t) => {
    isAllowed(t, await world.check({ token: signer.sign(goodClaims({ aud })) }));
  });

const namesOthers: [string, unknown][] = [
  ['absent', undefined],
  ['another', 'billing'],
  ['empty', ''],
  ['an empty list', []],
  ['a list of others', ['billing', 'payments']],
  ['a longer one', 'orders-admin'],
  ['a shorter one', 'order'],
  ['another case', 'Orders'],
  ['a space behind', 'orders '],
  ['joined by spaces', 'orders billing'],
  ['joined by commas', 'orders,billing'],
  ['without its slash', 'https://orders.example.com'],
  ['a wildcard', '*'],
  ['NUL behind', 'orders\0'],
];
for (const [title, aud] of namesOthers)
  test(`audience – denies one that is ${title} (RFC 7519 §4.1.3)`, async (t) => {
    const token = signer.sign(goodClaims({ aud }));
    isRefused(t, await world.check({ token }), 'token_audience_mismatch');
  });

const notAudiences: [string, unknown][] = [
  ['a number', 1],
  ['null', null],
  ['true', true],
  ['an object', { orders: true }],
  ['a list with a number', ['orders', 1]],
  ['a list with null', ['orders', null]],
  ['a list in a list', [['orders']]],
];
for (const [title, aud] of notAudiences)
  test(`audience – denies one that is ${title} (RFC 7519 §4.1.3)`, async (t) => {
    isRefused(t, await world.check({ token: signer.sign(goodClaims({ aud })) }), 'token_claim_malformed');
  });

const strangers: [string, unknown][] = [
  ['absent', undefined],
  ['null', null],
  ['empty', ''],
  ['another', 'https://evil.example'],
  ['ours with a slash', `${ISSUER}/`],
  ['ours in another case', ISSUER.replace('login', 'Login')],
  ['ours with a port', `${ISSUER}:443`],
  ['ours over http', ISSUER.replace('https', 'http')],
  ['ours with a path', `${ISSUER}/tenant`],
  ['ours with a user', ISSUER.replace('//', '//x@')],
  ['ours as a prefix', `${ISSUER}.evil.example`],
  ['ours with a space', `${ISSUER} `],
  ['ours in a list', [ISSUER]],
  ['ours in a list of lists', [[ISSUER]]],
  ['a number', 1],
  ['an object', {}],
  ['an object that cannot be a text', { toString: null, valueOf: null }],
  ['an object that says it is ours', { toString: ISSUER }],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
];
for (const [title, iss] of strangers)
  test(`issuer – denies one that is ${title}, and sends no request (RFC 8725 §3.8)`, async (t) => {
    isRefused(t, await world.check({ token: signer.sign(goodClaims({ iss })) }), 'token_issuer_unknown');
  });

const partner = createSigner('ES256');
const two = await createCheckWorld({
  issuers: {
    corp: inlineIssuer([signer]),
    partner: inlineIssuer([partner], { issuer: OTHER_ISSUER, audiences: ['partners'] }),
  },
  rules: [
    { name: 'corp-only', match: { paths: ['/corp/**'] }, require: { issuers: ['corp'], binding: ['none'] } },
    anyBearer,
  ],
});
const partnerClaims = goodClaims({ iss: OTHER_ISSUER, aud: 'partners' });

test('issuer – each with its own keys and audiences (RFC 8725 §3.8)', async (t) => {
  isAllowed(t, await two.check({ token: signer.sign(goodClaims()) }));
  isAllowed(t, await two.check({ token: partner.sign(partnerClaims) }));
});

test('issuer – a token of one signed by the other (RFC 8725 §3.8)', async (t) => {
  isRefused(t, await two.check({ token: partner.sign(goodClaims()) }), 'token_key_unknown');
  isRefused(t, await two.check({ token: signer.sign(partnerClaims) }), 'token_key_unknown');
  const borrowed = partner.sign(goodClaims(), { kid: signer.kid });
  isRefused(t, await two.check({ token: borrowed }), 'token_signature_invalid');
  const nameless = partner.sign(goodClaims(), { kid: undefined });
  isRefused(t, await two.check({ token: nameless }), 'token_signature_invalid');
});

test('issuer – the audience of one does not count for the other (RFC 7519 §4.1.3)', async (t) => {
  const token = partner.sign({ ...partnerClaims, aud: 'orders' });
  isRefused(t, await two.check({ token }), 'token_audience_mismatch');
});

test('issuer – a rule that names issuers refuses a valid token of another issuer', async (t) => {
  isAllowed(t, await two.check({ token: signer.sign(goodClaims()), path: '/corp/x' }));
  const refused = await two.check({ token: partner.sign(partnerClaims), path: '/corp/x' });
  isRefused(t, refused, 'token_issuer_not_allowed');
});

test('issuer – the same kid at both: each token goes to the keys of its own issuer', async (t) => {
  const here = createSigner('ES256', { kid: 'k1' });
  const there = createSigner('ES256', { kid: 'k1' });
  const both = await createCheckWorld({
    issuers: {
      corp: inlineIssuer([here]),
      partner: inlineIssuer([there], { issuer: OTHER_ISSUER }),
    },
    rules: [anyBearer],
  });
  const elsewhere = goodClaims({ iss: OTHER_ISSUER });
  isAllowed(t, await both.check({ token: here.sign(goodClaims()) }));
  isAllowed(t, await both.check({ token: there.sign(elsewhere) }));
  isRefused(t, await both.check({ token: there.sign(goodClaims()) }), 'token_signature_invalid');
  isRefused(t, await both.check({ token: here.sign(elsewhere) }), 'token_signature_invalid');
});

/** The detail for the log. */
async function toldOf(claims: Record<string, unknown>, header?: Record<string, unknown>) {
  const { decision } = await world.check({ token: signer.sign(goodClaims(claims), header) });
  return 'detail' in decision ? decision.detail : undefined;
}

const wanted = 'wanted: orders, https://orders.example.com/; aud is';
for (const [aud, told] of [
  [undefined, `${wanted} missing`],
  ['billing', `${wanted} ["billing"]`],
  [['a', 'b'], `${wanted} ["a", "b"]`],
  ['Orders', `${wanted} ["Orders"]; it differs only in case from orders`],
  [
    'https://orders.example.com',
    `${wanted} ["https://orders.example.com"]; it differs only in the final slash from https://orders.example.com/`,
  ],
] as const)
  test(`audience – the log says what was wanted, for ${JSON.stringify(aud)}`, async (t) => {
    t.is(await toldOf({ aud }), told);
  });

for (const [iss, told] of [
  [`${ISSUER}/`, `it differs only in the final slash from the issuer corp (${ISSUER})`],
  [
    ISSUER.toUpperCase().replace('HTTPS', 'https'),
    `it differs only in case from the issuer corp (${ISSUER})`,
  ],
  [ISSUER.replace('https', 'http'), `it differs only in the scheme from the issuer corp (${ISSUER})`],
  [
    `${ISSUER.replace('https', 'http').replace('issuer', 'Issuer')}/`,
    `it differs only in slash, case and scheme from the issuer corp (${ISSUER})`,
  ],
  ['https://other.example', `configured are: ${ISSUER}`],
  ['x'.repeat(9_000), `configured are: ${ISSUER}`],
] as const)
  test(`issuer – the log says what is configured, for ${iss.slice(0, 40)}`, async (t) => {
    const detail = (await toldOf({ iss })) ?? '';
    t.true(detail.endsWith(`is not configured; ${told}`), detail);
    t.true(detail.length < 400);
  });

test('issuer – the log says so, too, if iss is missing', async (t) => {
  t.is(await toldOf({ iss: undefined }), `iss missing is not configured; configured are: ${ISSUER}`);
});
