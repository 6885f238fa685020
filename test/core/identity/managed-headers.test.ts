import test from 'ava';
import { createCheckWorld } from '../../support/check-world.ts';
import { isAllowed } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { headersAtApplication } from '../../support/proxied-headers.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { anyBearer, goodClaims, ISSUER, inlineIssuer } from '../../support/token-fixture.ts';
import { createWorkloads, GATEWAY, SHOP, TRUST_DOMAIN, xfccOf } from '../../support/workload-fixture.ts';

const signer = createSigner('ES256');
const { shop, till, gateway } = await createWorkloads();
const world = await createCheckWorld({
  issuers: { corp: inlineIssuer([signer]) },
  peers: { trustDomains: { [TRUST_DOMAIN]: {} }, gateways: [GATEWAY] },
  rules: [{ name: 'public', match: { paths: ['/healthz'] }, public: true }, anyBearer],
});

const managed = [
  'x-auth-request-user',
  'x-auth-request-email',
  'x-auth-request-preferred-username',
  'x-auth-request-groups',
  'x-auth-request-scope',
  'x-auth-request-client-id',
  'x-auth-request-issuer',
  'x-auth-request-actor',
  'x-spiffe-id',
  'x-forwarded-client-cert',
  'x-client-certificate',
];
/** What an application might take for the name: CGI and WSGI write _ for -, and many know no case. */
const spellings = (name: string) => [
  name,
  name.replaceAll('-', '_'),
  name.replace('-', '_'),
  name.replace(/-([^-]*)$/, '_$1'),
  name.toUpperCase(),
  name.replaceAll('-', '_').toUpperCase(),
  name.replace(/(^|-)./g, (start) => start.toUpperCase()),
  name.replaceAll('-', '_').replace('x_', 'X_'),
];
const looksManaged = (name: string) => managed.includes(name.toLowerCase().replaceAll('_', '-'));

async function atApplication(
  claims: Record<string, unknown>,
  headers: Record<string, string>,
  path = '/orders',
) {
  const answer = await world.check({ token: signer.sign(goodClaims(claims)), headers, path });
  mustNotOverlap(
    answer.response.okResponse?.headersToRemove ?? [],
    answer.response.okResponse?.headers ?? [],
  );
  return { answer, headers: headersAtApplication(headers, answer.response) };
}

/** Envoy removes what is in both lists. */
function mustNotOverlap(removed: readonly string[], set: readonly { header?: { key?: string } }[]): void {
  for (const { header } of set)
    if (removed.includes(String(header?.key))) throw new TypeError(`${header?.key} is both set and removed`);
  if (new Set(removed).size !== removed.length) throw new TypeError('a name is removed twice');
}

for (const name of managed)
  for (const spelling of new Set(spellings(name)))
    test(`identity – a forged ${spelling} never reaches the application`, async (t) => {
      const claims = { sub: undefined };
      const { answer, headers } = await atApplication(claims, { [spelling]: 'forged', 'x-other': 'kept' });
      const left = Object.entries(headers).filter(
        ([left, value]) => looksManaged(left) && value === 'forged',
      );
      t.deepEqual(left, []);
      if (answer.decision.effect === 'allow') t.is(headers['x-other'], 'kept');
    });

test('identity – on a public route all of them are removed, and nothing is set', async (t) => {
  const forged = Object.fromEntries(managed.flatMap(spellings).map((name) => [name, 'forged']));
  const answer = await world.check({ headers: forged, path: '/healthz' });
  t.is(answer.decision.reason, 'public');
  t.deepEqual(answer.response.okResponse?.headers ?? [], []);
  t.deepEqual(headersAtApplication(forged, answer.response), {});
});

const full = {
  sub: 'alice',
  email: 'alice@example.com',
  preferred_username: 'Alice',
  groups: ['staff', 'buyers'],
  scope: 'orders.read orders.write',
  client_id: 'shop',
};

test('identity – each header is set from what was proven, in place of the client’s own', async (t) => {
  const forged = Object.fromEntries(managed.flatMap(spellings).map((name) => [name, 'forged']));
  const xfcc = xfccOf(shop, SHOP);
  const sent = { ...forged, 'x-forwarded-client-cert': xfcc, 'X-Forwarded-Client-Cert': xfcc };
  const answer = await world.check({
    token: signer.sign(goodClaims(full)),
    headers: sent,
    certificate: shop,
  });
  isAllowed(t, answer);
  const { authorization: _, ...headers } = headersAtApplication(sent, answer.response);
  t.deepEqual(headers, {
    'x-auth-request-user': 'alice',
    'x-auth-request-email': 'alice@example.com',
    'x-auth-request-preferred-username': 'Alice',
    'x-auth-request-groups': 'staff,buyers',
    'x-auth-request-scope': 'orders.read orders.write',
    'x-auth-request-client-id': 'shop',
    'x-auth-request-issuer': ISSUER,
    'x-spiffe-id': SHOP,
    'x-forwarded-client-cert': xfcc,
  });
});

for (const [claim, name] of [
  ['sub', 'x-auth-request-user'],
  ['email', 'x-auth-request-email'],
  ['preferred_username', 'x-auth-request-preferred-username'],
  ['groups', 'x-auth-request-groups'],
  ['scope', 'x-auth-request-scope'],
  ['client_id', 'x-auth-request-client-id'],
] as const)
  test(`identity – without ${claim} the client's ${name} is removed and all others stay`, async (t) => {
    const sent = Object.fromEntries(managed.slice(0, 6).map((each) => [each, 'forged']));
    const { headers } = await atApplication({ ...full, [claim]: undefined }, sent);
    t.false(name in headers);
    t.is(Object.keys(headers).filter(looksManaged).length, 6);
  });

const odd: [string, Record<string, unknown>, string, string | undefined][] = [
  [
    'CR and LF',
    { sub: 'a\r\nx-auth-request-groups: admin' },
    'x-auth-request-user',
    'a%0D%0Ax-auth-request-groups: admin',
  ],
  ['NUL', { email: 'a\0b' }, 'x-auth-request-email', 'a%00b'],
  ['letters beyond ASCII', { preferred_username: 'Jörg' }, 'x-auth-request-preferred-username', 'J%C3%B6rg'],
  ['an emoji', { sub: '😀' }, 'x-auth-request-user', '%F0%9F%98%80'],
  ['a comma in a group', { groups: ['staff,admin'] }, 'x-auth-request-groups', 'staff%2Cadmin'],
  ['a single group as a string', { groups: 'staff' }, 'x-auth-request-groups', 'staff'],
  ['a comma in a single group', { groups: 'staff,admin' }, 'x-auth-request-groups', 'staff%2Cadmin'],
  ['groups that are no strings', { groups: [1, null, {}, 'staff', ['x']] }, 'x-auth-request-groups', 'staff'],
  ['groups without any string', { groups: [1, {}] }, 'x-auth-request-groups', undefined],
  ['empty groups', { groups: [] }, 'x-auth-request-groups', undefined],
  ['an empty group among others', { groups: ['', 'staff', ''] }, 'x-auth-request-groups', 'staff'],
  ['groups as an object', { groups: { admin: true } }, 'x-auth-request-groups', undefined],
  ['an email that is a list', { email: ['a@example.com'] }, 'x-auth-request-email', undefined],
  ['an empty email', { email: '' }, 'x-auth-request-email', undefined],
  ['a space in a scope of a list', { scp: ['a b', 'c'] }, 'x-auth-request-scope', 'a%20b c'],
  ['a scope of spaces', { scope: '  ' }, 'x-auth-request-scope', undefined],
  ['groups of 9 KB', { groups: Array(300).fill('g'.repeat(29)) }, 'x-auth-request-groups', undefined],
  ['a user of 9 KB', { sub: 'u'.repeat(9_000) }, 'x-auth-request-user', undefined],
];
for (const [title, claims, name, expected] of odd)
  test(`identity – ${title}: the application gets ${expected ?? 'no header at all'}`, async (t) => {
    const { answer, headers } = await atApplication(claims, { [name]: 'forged' });
    isAllowed(t, answer);
    t.is(headers[name], expected);
  });

test('identity – 64 KB of groups cannot even be a token', async (t) => {
  const token = signer.sign(goodClaims({ groups: Array(2_200).fill('g'.repeat(30)) }));
  t.is((await world.check({ token })).decision.reason, 'token_too_large');
  const wide = await createCheckWorld({
    issuers: { corp: inlineIssuer([signer]) },
    limits: { tokenLength: 65_536 },
    rules: [anyBearer],
  });
  const large = signer.sign(goodClaims({ groups: Array(1_500).fill('g'.repeat(29)) }));
  const sent = { 'x-auth-request-groups': 'admin' };
  const answer = await wide.check({ token: large, headers: sent });
  isAllowed(t, answer);
  t.false('x-auth-request-groups' in headersAtApplication(sent, answer.response));
});

test('identity – of x-forwarded-client-cert only what Envoy proved is left', async (t) => {
  const own = xfccOf(shop, SHOP);
  const forged = xfccOf(till, GATEWAY);
  const direct = { 'x-forwarded-client-cert': `${forged},${own}` };
  const answer = await world.check({ token: signer.sign(goodClaims()), headers: direct, certificate: shop });
  t.is(headersAtApplication(direct, answer.response)['x-forwarded-client-cert'], own);
  const through = { 'x-forwarded-client-cert': `${own},${xfccOf(gateway, GATEWAY)}` };
  const behind = await world.check({
    token: signer.sign(goodClaims()),
    headers: through,
    certificate: gateway,
  });
  t.is(headersAtApplication(through, behind.response)['x-spiffe-id'], SHOP);
  t.is(
    headersAtApplication(through, behind.response)['x-forwarded-client-cert'],
    through['x-forwarded-client-cert'],
  );
  const nobody = { 'x-forwarded-client-cert': own };
  const stripped = await world.check({ headers: nobody, path: '/healthz' });
  t.deepEqual(headersAtApplication(nobody, stripped.response), {});
});

test('identity – whatever is in the token: set and removed never overlap, all managed names are in one (300 random tokens)', async (t) => {
  const random = seededRandom(13);
  for (let time = 0; time < 300; time++) {
    const claims = {
      sub: random.pick([undefined, `s${random.text(8)}`]),
      email: random.pick([undefined, 1, random.text(8)]),
      preferred_username: random.pick([null, random.text(8)]),
      groups: random.pick([undefined, [], [random.text(8), random.text(3)], random.text(9), 7]),
      scope: random.pick([undefined, random.text(8), [random.text(3)]]),
      client_id: random.pick([undefined, random.text(8)]),
    };
    const { answer } = await atApplication(claims, {});
    isAllowed(t, answer);
    const { headers = [], headersToRemove = [] } = answer.response.okResponse ?? {};
    const set = headers.map(({ header }) => header?.key);
    for (const name of managed) {
      t.true(set.includes(name) !== headersToRemove.includes(name), name);
      t.true(headersToRemove.includes(name.replaceAll('-', '_')), name);
    }
    for (const { header } of headers) t.regex(header?.value ?? '', /^[!-~](?:[ -~]*[!-~])?$/);
  }
});
