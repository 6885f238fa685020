import test from 'ava';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const world = await createTokenWorld([signer]);
const scoped = await createTokenWorld(
  [signer],
  {},
  { rules: [{ name: 'scoped', require: { scopes: ['orders.read', 'orders.write'], binding: ['none'] } }] },
);

const enough: [string, Record<string, unknown>][] = [
  ['scope, separated by spaces (RFC 8693 §4.2)', { scope: 'orders.write openid orders.read' }],
  ['scope with more than one space', { scope: ' orders.write  orders.read ' }],
  ['scp as a list', { scp: ['orders.read', 'orders.write'] }],
  ['scp as a string', { scp: 'orders.read orders.write' }],
  ['scope as a list', { scope: ['orders.read', 'orders.write'] }],
];
for (const [title, claims] of enough)
  test(`scopes – reads ${title}`, async (t) => {
    isAllowed(t, await scoped.check({ token: signer.sign(goodClaims(claims)) }));
  });

const tooLittle: [string, Record<string, unknown>][] = [
  ['none', {}],
  ['an empty scope', { scope: '' }],
  ['one of two', { scope: 'orders.read' }],
  ['another case', { scope: 'orders.read Orders.Write' }],
  ['a prefix', { scope: 'orders.read orders.writeall' }],
  ['the other way round', { scope: 'orders.read orders' }],
  ['both in one list member', { scp: ['orders.read orders.write'] }],
  ['commas', { scope: 'orders.read,orders.write' }],
  ['a tab', { scope: 'orders.read\torders.write' }],
  ['an empty scope that hides scp', { scope: '', scp: ['orders.read', 'orders.write'] }],
];
for (const [title, claims] of tooLittle)
  test(`scopes – denies ${title} and names what would do (RFC 6750 §3.1)`, async (t) => {
    const answer = await scoped.check({ token: signer.sign(goodClaims(claims)) });
    isRefused(t, answer, 'scope_missing', { scope: 'orders.read orders.write' });
  });

const malformed: [string, Record<string, unknown>][] = [
  ['scope that is a number', { scope: 1 }],
  ['scope that is an object', { scope: { 'orders.read': true } }],
  ['scope that is a list with a number', { scope: ['orders.read', 1] }],
  ['scp that is true', { scp: true }],
  ['sub that is a number', { sub: 1 }],
  ['sub that is null', { sub: null }],
  ['sub that is a list', { sub: ['alice'] }],
  ['sub that is empty', { sub: '' }],
];
for (const [title, claims] of malformed)
  test(`claims – denies ${title} (RFC 7519 §4.1)`, async (t) => {
    isRefused(t, await world.check({ token: signer.sign(goodClaims(claims)) }), 'token_claim_malformed');
  });

test('claims – a token without sub is accepted and has no subject (RFC 7519 §4.1.2)', async (t) => {
  const answer = await world.check({ token: signer.sign(goodClaims({ sub: undefined })) });
  isAllowed(t, answer);
  t.is(answer.decision.found.token?.subject, undefined);
});

const clients: [string, Record<string, unknown>, string | undefined][] = [
  ['client_id', { client_id: 'shop' }, 'shop'],
  ['azp', { azp: 'shop' }, 'shop'],
  ['both alike', { client_id: 'shop', azp: 'shop' }, 'shop'],
  ['two that differ', { client_id: 'shop', azp: 'till' }, undefined],
  ['none', {}, undefined],
  ['numbers', { client_id: 7, azp: 7 }, undefined],
  ['an object', { client_id: { id: 'shop' } }, undefined],
  ['an empty one', { client_id: '' }, undefined],
  ['another case', { client_id: 'shop', azp: 'Shop' }, undefined],
];
for (const [title, claims, expected] of clients)
  test(`client – ${title} (RFC 9068 §2.2, OIDC Core §2)`, async (t) => {
    const answer = await world.check({ token: signer.sign(goodClaims(claims)) });
    t.is(answer.decision.found.token?.clientId, expected);
  });

const ruled = await createTokenWorld(
  [signer],
  {},
  {
    rules: [
      {
        name: 'claims',
        require: {
          claims: { tenant: ['blue', 'green'], '/realm/roles': 'admin', level: 3 },
          binding: ['none'],
        },
      },
    ],
  },
);
const fitting = { tenant: 'blue', realm: { roles: ['user', 'admin'] }, level: 3 };

test('claim rule – accepts one of the values, a member of a list, a number', async (t) => {
  isAllowed(t, await ruled.check({ token: signer.sign(goodClaims(fitting)) }));
  isAllowed(t, await ruled.check({ token: signer.sign(goodClaims({ ...fitting, tenant: ['x', 'green'] })) }));
});

const unfitting: [string, Record<string, unknown>][] = [
  ['absent', { tenant: undefined }],
  ['another', { tenant: 'red' }],
  ['null', { tenant: null }],
  ['true', { tenant: true }],
  ['a list in a list', { tenant: [['blue']] }],
  ['a number as a string', { level: '3' }],
  ['a substring', { tenant: 'blueish' }],
  ['an object', { tenant: { blue: true } }],
  ['a claim that cannot be stepped into', { realm: 'roles' }],
  ['a list where an object should be', { realm: [{ roles: ['admin'] }] }],
];
for (const [title, claims] of unfitting)
  test(`claim rule – denies ${title}`, async (t) => {
    const answer = await ruled.check({ token: signer.sign(goodClaims({ ...fitting, ...claims })) });
    isRefused(t, answer, 'claim_mismatch');
  });
