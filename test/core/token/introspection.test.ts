import test from 'ava';
import type { Denial } from '../../../src/core/denial.ts';
import { readIntrospection } from '../../../src/core/token/introspection.ts';
import { Malformed } from '../../../src/lib/malformed.ts';

const issuer = 'https://as.example.com';
const good = { active: true, iss: issuer, sub: 'alice', aud: 'orders', exp: 1_893_456_000, scope: 'a b' };

test('introspection – the members of an active answer are claims, without active (RFC 7662 §2.2)', (t) => {
  const { active: _, ...claims } = good;
  t.deepEqual(readIntrospection(good, issuer), {
    ...{ claims, audiences: undefined, username: undefined, cached: false },
  });
});

test('introspection – iss may be missing, and is not compared where none is configured', (t) => {
  t.like(readIntrospection({ active: true }, issuer), { claims: {} });
  t.like(readIntrospection({ ...good, iss: 'https://other' }, undefined), {
    claims: { iss: 'https://other' },
  });
});

const answers: [string, unknown, string][] = [
  ['active false', { active: false }, 'token_inactive'],
  ['active false beside claims', { ...good, active: false }, 'token_inactive'],
  ['another issuer', { ...good, iss: 'https://other' }, 'token_issuer_unknown'],
  ['an issuer with a slash more', { ...good, iss: `${issuer}/` }, 'token_issuer_unknown'],
  ['a list as issuer', { ...good, iss: [issuer] }, 'token_issuer_unknown'],
  ['null as issuer', { ...good, iss: null }, 'token_issuer_unknown'],
  ['token_type Refresh', { ...good, token_type: 'Refresh' }, 'token_type_not_allowed'],
  ['token_type refresh_token', { ...good, token_type: 'refresh_token' }, 'token_type_not_allowed'],
  ['token_type null', { ...good, token_type: null }, 'token_type_not_allowed'],
  ['token_use refresh_token', { ...good, token_use: 'refresh_token' }, 'token_type_not_allowed'],
  ['token_use id', { ...good, token_type: 'Bearer', token_use: 'id' }, 'token_type_not_allowed'],
  ['a lone surrogate', { ...good, sub: '\ud800' }, 'token_claim_malformed'],
  ['a lone surrogate deep inside', { ...good, cnf: { a: ['\udc00'] } }, 'token_claim_malformed'],
  ['a name that is no Unicode', { ...good, '\ud800': 1 }, 'token_claim_malformed'],
  ['33 levels', { ...good, deep: JSON.parse('['.repeat(33) + ']'.repeat(33)) }, 'token_claim_malformed'],
];
for (const [title, answer, reason] of answers)
  test(`introspection – ${title}: ${reason}`, (t) => {
    t.is((readIntrospection(answer, issuer) as Denial).reason, reason as Denial['reason']);
  });

for (const type of ['Bearer', 'bearer', 'DPoP', 'access_token'])
  test(`introspection – token_type ${type} is an access token`, (t) => {
    t.like(readIntrospection({ ...good, token_type: type, token_use: 'access_token' }, issuer), {
      claims: { sub: 'alice' },
    });
  });

for (const [title, answer] of [
  ['nothing', undefined],
  ['null', null],
  ['true', true],
  ['a text', '{"active":true}'],
  ['a list', [good]],
  ['no active', { ...good, active: undefined }],
  ['active as a text', { ...good, active: 'true' }],
  ['active 1', { ...good, active: 1 }],
] as const)
  test(`introspection – ${title} is the server's failure`, (t) => {
    t.true(readIntrospection(answer, issuer) instanceof Malformed);
  });

test('introspection – __proto__ is a claim like others and no prototype', (t) => {
  const read = readIntrospection(JSON.parse('{"active":true,"__proto__":{"scope":"admin"}}'), issuer);
  t.is((read as { claims: Record<string, unknown> }).claims.scope, undefined);
});
