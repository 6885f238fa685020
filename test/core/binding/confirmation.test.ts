import { createHash } from 'node:crypto';
import test from 'ava';
import { readConfirmation } from '../../../src/core/binding/confirmation.ts';
import { createCheckWorld } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../../support/token-fixture.ts';
import { createWorkloads, SHOP, TRUST_DOMAIN } from '../../support/workload-fixture.ts';

const signer = createSigner('ES256');
const { shop } = await createWorkloads();
const rule = (name: string, binding: ('certificate' | 'workload' | 'none')[]) => ({
  name,
  match: { paths: [`/${name}`] },
  require: { binding },
});
const world = await createCheckWorld({
  issuers: { corp: inlineIssuer([signer]) },
  peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
  clients: { shop: [SHOP] },
  rules: [
    rule('certificate', ['certificate']),
    rule('workload', ['workload']),
    rule('none', ['none']),
    rule('all', ['certificate', 'workload', 'none']),
  ],
});

/** Everything but the confirmation is in order: right certificate, registered workload. */
const check = (cnf: unknown, path: string) =>
  world.check({ token: signer.sign(goodClaims({ client_id: 'shop', cnf })), certificate: shop, path });

const standard = shop.der.length > 0 ? createHash('sha256').update(shop.der).digest('base64') : '';
const { thumbprint, sha256Hex } = shop;
const nextLetter = (letter: string) => String.fromCharCode(letter.charCodeAt(0) + 1);

test('confirmation – accepts the right thumbprint (RFC 8705 §3.1)', async (t) => {
  for (const path of ['/certificate', '/workload', '/all'])
    isAllowed(t, await check({ 'x5t#S256': thumbprint }, path), path);
});

const malformed: [string, unknown][] = [
  ['null', null],
  ['a string', thumbprint],
  ['a number', 1],
  ['true', true],
  ['a list', [{ 'x5t#S256': thumbprint }]],
  ['an empty list', []],
  ['an empty object', {}],
  ['the thumbprint in hex', { 'x5t#S256': sha256Hex }],
  ['the thumbprint in hex with colons', { 'x5t#S256': sha256Hex.match(/../g)?.join(':') }],
  ['the thumbprint padded', { 'x5t#S256': `${thumbprint}=` }],
  ['standard base64, padded', { 'x5t#S256': standard }],
  ['standard base64 with + and /', { 'x5t#S256': `${'+/'.repeat(21)}A` }],
  ['a space behind', { 'x5t#S256': `${thumbprint} ` }],
  ['a newline behind', { 'x5t#S256': `${thumbprint}\n` }],
  ['loose bits at the end', { 'x5t#S256': thumbprint.slice(0, -1) + nextLetter(thumbprint.at(-1) ?? '') }],
  ['one character less', { 'x5t#S256': thumbprint.slice(0, -1) }],
  ['the SHA-1 of RFC 7515', { 'x5t#S256': createHash('sha1').update(shop.der).digest('base64url') }],
  ['the SHA-512', { 'x5t#S256': createHash('sha512').update(shop.der).digest('base64url') }],
  ['an empty thumbprint', { 'x5t#S256': '' }],
  ['a null thumbprint', { 'x5t#S256': null }],
  ['a list of thumbprints', { 'x5t#S256': [thumbprint] }],
  ['an object as thumbprint', { 'x5t#S256': { thumbprint } }],
];
for (const [title, cnf] of malformed)
  test(`confirmation – denies ${title}, whatever the rule accepts (RFC 7800 §3.1, RFC 8705 §3.1)`, async (t) => {
    for (const path of ['/certificate', '/workload', '/none', '/all'])
      isRefused(t, await check(cnf, path), 'confirmation_malformed', { title: path });
  });

const unsupported: [string, Record<string, unknown>][] = [
  ['a DPoP key beside the right thumbprint', { 'x5t#S256': thumbprint, jkt: thumbprint }],
  ['a key ID (RFC 7800 §3.4)', { kid: 'x' }],
  ['another case of the name', { 'X5T#s256': thumbprint }],
  ['the name without its hash', { x5t: thumbprint }],
  ['a member of another standard', { osc: {} }],
  ['an empty name', { 'x5t#S256': thumbprint, '': 1 }],
  ['__proto__ beside the right thumbprint', JSON.parse(`{"x5t#S256":"${thumbprint}","__proto__":{}}`)],
];
for (const [title, cnf] of unsupported)
  test(`confirmation – denies ${title}, whatever the rule accepts (RFC 7800 §3.1)`, async (t) => {
    for (const path of ['/certificate', '/workload', '/none', '/all'])
      isRefused(t, await check(cnf, path), 'confirmation_unsupported', { title: path });
  });

test('confirmation – a DPoP key alone is no proof of another kind (RFC 9449 §6.1)', async (t) => {
  for (const path of ['/certificate', '/workload', '/none', '/all'])
    isRefused(t, await check({ jkt: thumbprint }, path), 'confirmation_unproven', { title: path });
  for (const jkt of ['x', null, [thumbprint], `${thumbprint}=`])
    isRefused(t, await check({ jkt }, '/all'), 'confirmation_malformed', { title: JSON.stringify(jkt) });
});

test('confirmation – an inherited thumbprint is ignored (RFC 7800 §3.1)', (t) => {
  const cnf = JSON.parse(`{"__proto__":{"x5t#S256":"${thumbprint}"}}`);
  t.like(readConfirmation(cnf), { reason: 'confirmation_unsupported' });
  t.is(readConfirmation(undefined), undefined);
});

test('confirmation – a token with one is never a plain bearer token (RFC 8705 §3)', async (t) => {
  isRefused(t, await check({ 'x5t#S256': thumbprint }, '/none'), 'confirmation_unproven');
  isAllowed(t, await check(undefined, '/none'));
});

test('confirmation – a key is proven by no proof of a certificate, a workload or nobody (RFC 7800 §3.2)', async (t) => {
  for (const path of ['/certificate', '/workload', '/none', '/all'])
    isRefused(t, await check({ jwk: signer.publicJwk }, path), 'confirmation_unproven', { title: path });
});
