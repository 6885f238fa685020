import test from 'ava';
import type { AllowLists } from '../../../src/core/evidence.ts';
import { checkAllowLists } from '../../../src/core/policy/allow-lists.ts';
import type { RefusalReason } from '../../../src/core/reasons.ts';
import { createCheckWorld, evidenceFor } from '../../support/check-world.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { anyBearer, goodClaims, inlineIssuer } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const world = await createCheckWorld({
  issuers: { corp: inlineIssuer([signer]) },
  rules: [
    { name: 'public', match: { paths: ['/healthz'] }, public: true },
    { name: 'scoped', match: { paths: ['/scoped'] }, require: { scopes: ['admin'], binding: ['none'] } },
    anyBearer,
  ],
});
const decide = async (allowLists: AllowLists, presented: Parameters<typeof evidenceFor>[0]) =>
  (await world.decide({ ...evidenceFor(presented), allowLists }, 'forward-auth', Number.POSITIVE_INFINITY))
    .reason;
const token = signer.sign(goodClaims({ groups: ['staff'], email: 'alice@example.com' }));

const alice = {
  user: 'alice',
  email: 'alice@example.com',
  preferredUsername: 'Alice',
  groups: ['staff', 'ops'],
};
const withEmail = (email: string | undefined) => ({ ...alice, email });
const reasonOf = (allowLists: AllowLists | undefined, person?: Parameters<typeof checkAllowLists>[1]) =>
  checkAllowLists(allowLists, person, 'rule')?.reason;

const met: [string, AllowLists | undefined][] = [
  ['none', undefined],
  ['an empty set of them', {}],
  ['one of her groups', { groups: ['staff'] }],
  ['one of several groups', { groups: ['admin', 'ops'] }],
  ['her address', { emails: ['alice@example.com'] }],
  ['one of several addresses', { emails: ['bob@example.com', 'alice@example.com'] }],
  ['her domain', { emailDomains: ['example.com'] }],
  ['her domain, in capitals', { emailDomains: ['EXAMPLE.com'] }],
  ['one of several domains', { emailDomains: ['example.net', 'example.com'] }],
  ['all three', { groups: ['ops'], emails: ['alice@example.com'], emailDomains: ['example.com'] }],
];
for (const [title, allowLists] of met)
  test(`allow lists – ${title}: met`, (t) => {
    t.is(reasonOf(allowLists, alice), undefined);
  });

const unmet: [string, AllowLists, RefusalReason][] = [
  ['another group', { groups: ['admin'] }, 'group_not_allowed'],
  ['a group in other letters', { groups: ['Staff'] }, 'group_not_allowed'],
  ['a group that begins alike', { groups: ['staf', 'staff-2'] }, 'group_not_allowed'],
  ['two groups in one entry', { groups: ['staff,ops'] }, 'group_not_allowed'],
  ['a list of groups with nobody in it', { groups: [] }, 'group_not_allowed'],
  ['an empty group', { groups: [''] }, 'group_not_allowed'],
  ['a pattern of groups', { groups: ['*'] }, 'group_not_allowed'],
  ['another address', { emails: ['bob@example.com'] }, 'email_not_allowed'],
  ['the address in other letters', { emails: ['Alice@example.com'] }, 'email_not_allowed'],
  ['a list of addresses with nobody in it', { emails: [] }, 'email_not_allowed'],
  ['an empty address', { emails: [''] }, 'email_not_allowed'],
  ['another domain', { emailDomains: ['example.net'] }, 'email_not_allowed'],
  ['a domain that ends alike', { emailDomains: ['ample.com', 'com', 'e.com'] }, 'email_not_allowed'],
  [
    'a domain that begins alike',
    { emailDomains: ['example.co', 'example.com.evil.net'] },
    'email_not_allowed',
  ],
  [
    'a whole address as a domain',
    { emailDomains: ['alice@example.com', '@example.com'] },
    'email_not_allowed',
  ],
  ['a list of domains with nobody in it', { emailDomains: [] }, 'email_not_allowed'],
  ['nothing but a dot or a star', { emailDomains: ['', '.', '*', '*.', '**', '.*'] }, 'email_not_allowed'],
  ['a star elsewhere', { emailDomains: ['*example.com', 'exam*.com', '*.*.com'] }, 'email_not_allowed'],
  ['her group, and another address', { groups: ['ops'], emails: ['bob@example.com'] }, 'email_not_allowed'],
  ['her address, and another group', { groups: ['x'], emails: ['alice@example.com'] }, 'group_not_allowed'],
  [
    'her address, and another domain',
    { emails: ['alice@example.com'], emailDomains: ['x.example'] },
    'email_not_allowed',
  ],
];
for (const [title, allowLists, reason] of unmet)
  test(`allow lists – ${title}: ${reason}`, (t) => {
    t.is(reasonOf(allowLists, alice), reason);
  });

for (const pattern of ['.example.com', '*.example.com', '.EXAMPLE.com']) {
  test(`allow lists – ${pattern} is every domain below it`, (t) => {
    for (const email of ['a@eu.example.com', 'a@x.y.example.com', 'a@EU.Example.COM'])
      t.is(reasonOf({ emailDomains: [pattern] }, withEmail(email)), undefined, email);
    for (const email of [
      'a@badexample.com',
      'a@example.com.evil.net',
      'a@example.net',
      'a@.example.com',
      'a@com',
    ])
      t.is(reasonOf({ emailDomains: [pattern] }, withEmail(email)), 'email_not_allowed', email);
  });

  test(`allow lists – ${pattern} is not example.com itself`, (t) => {
    t.is(reasonOf({ emailDomains: [pattern] }, withEmail('a@example.com')), 'email_not_allowed');
  });
}

/** Two readers could see two domains in these. */
for (const email of [
  'alice@evil.net@example.com',
  '"alice@evil.net"@example.com',
  'alice@example.com@evil.net',
  'alice@@example.com',
  '@example.com',
  'alice@',
  'example.com',
  'alice',
  '',
  undefined,
])
  test(`allow lists – ${JSON.stringify(email)} is of no domain`, (t) => {
    for (const domain of ['example.com', '.com', '*.com', 'alice', ''])
      t.is(reasonOf({ emailDomains: [domain] }, withEmail(email)), 'email_not_allowed', domain);
  });

test('allow lists – an address that is not there meets no list of addresses, not even an empty entry', (t) => {
  for (const emails of [[], [''], ['undefined'], ['alice']])
    t.is(reasonOf({ emails }, withEmail(undefined)), 'email_not_allowed');
});

test('allow lists – an empty list matches no token, and without lists every token passes', (t) => {
  t.is(reasonOf(undefined), undefined);
  t.is(reasonOf({}), undefined);
  for (const allowLists of [{ groups: ['staff'] }, { groups: [] }])
    t.is(reasonOf(allowLists), 'group_not_allowed');
  for (const allowLists of [{ emails: [''] }, { emailDomains: ['example.com'] }, { emailDomains: [''] }])
    t.is(reasonOf(allowLists), 'email_not_allowed');
});

test('allow lists – a public rule with lists denies, because it does not verify the token', async (t) => {
  for (const presented of [{ path: '/healthz' }, { path: '/healthz', token }]) {
    t.is(await decide({ groups: ['staff'] }, presented), 'group_not_allowed');
    t.is(await decide({ emails: ['alice@example.com'] }, presented), 'email_not_allowed');
    t.is(await decide({}, presented), 'public');
  }
});

test('allow lists – come on top of the rules and never instead of them', async (t) => {
  t.is(await decide({ groups: ['staff'] }, { token }), 'allowed');
  t.is(await decide({ groups: ['staff'] }, { token, path: '/scoped' }), 'scope_missing');
  t.is(await decide({ groups: ['admin'] }, { token, path: '/scoped' }), 'group_not_allowed');
  t.is(await decide({ groups: ['staff'] }, {}), 'token_missing');
});

test('allow lists – are compared with a verified address', async (t) => {
  const unverified = signer.sign(goodClaims({ email: 'alice@example.com', email_verified: false }));
  t.is(await decide({ emails: ['alice@example.com'] }, { token: unverified }), 'email_not_allowed');
});

const detailOf = (
  allowLists: AllowLists,
  person: Parameters<typeof checkAllowLists>[1],
  whose: 'rule' | 'proxy',
) => checkAllowLists(allowLists, person, whose)?.detail;

test('allow lists – the detail says whose list it is, and what the token has', (t) => {
  t.is(
    detailOf({ groups: ['admins', 'root'] }, alice, 'proxy'),
    'the token has the groups staff, ops; the proxy wants one of admins, root',
  );
  t.is(
    detailOf({ groups: ['admins'] }, { ...alice, groups: [] }, 'proxy'),
    'the token does not have groups; the proxy wants one of admins',
  );
  t.is(detailOf({ emails: ['bob@a.b'] }, alice, 'rule'), 'the address is not in the list of the rule');
  t.is(
    detailOf({ emailDomains: ['a.b'] }, alice, 'proxy'),
    'the domain of the address is not in the list of the proxy',
  );
  t.is(
    detailOf({ emails: ['bob@a.b'] }, withEmail(undefined), 'rule'),
    'the token does not have a verified e-mail address; the rule wants one',
  );
  t.is(
    detailOf({ groups: [] }, undefined, 'proxy'),
    'a token was not read, so there are no groups; the proxy wants a group of an empty list',
  );
});

test('allow lists – the detail is bounded, whatever the token has', (t) => {
  const groups = Array.from({ length: 10_000 }, (_, index) => `${'g'.repeat(1_000)}${index}`);
  const detail = detailOf({ groups: ['admins'] }, { ...alice, groups }, 'proxy') ?? '';
  t.true(detail.length < 500, detail);
});
