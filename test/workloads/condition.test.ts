import test from 'ava';
import { createCheckWorld } from '../support/check-world.ts';
import { problemsOf } from '../support/config-problems.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import { SHOP, TRUST_DOMAIN } from '../support/workload-fixture.ts';

const signer = createSigner('ES256');
const worldOf = (when: string) =>
  createCheckWorld({
    issuers: { corp: inlineIssuer([signer]) },
    peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
    rules: [{ name: 'only', require: { binding: ['none'], when } }],
  });
const tenant = "claims.tenant == request.headers['x-tenant']";

test('condition – holds, does not hold, cannot be evaluated: allowed and two reasons', async (t) => {
  const world = await worldOf(tenant);
  const token = signer.sign(goodClaims({ tenant: 'acme' }));
  isAllowed(t, await world.check({ token, headers: { 'x-tenant': 'acme' } }));
  isRefused(t, await world.check({ token, headers: { 'x-tenant': 'other' } }), 'condition_not_met');
  isRefused(t, await world.check({ token }), 'condition_failed');
  const noTenant = signer.sign(goodClaims());
  isRefused(t, await world.check({ token: noTenant }), 'condition_failed', {
    title: 'absent on both sides is not equal',
  });
});

test('condition – is asked last: a token without the rest never reaches it', async (t) => {
  const world = await worldOf(tenant);
  isRefused(t, await world.check({ headers: { 'x-tenant': 'acme' } }), 'token_missing');
});

test('condition – sees the peer, the normal path and the token', async (t) => {
  const world = await worldOf(
    `peer.spiffe_id == '${SHOP}' && request.path == '/orders/7' && 'orders.read' in token.scopes && request.method == 'GET'`,
  );
  const token = signer.sign(goodClaims({ scope: 'orders.read' }));
  isAllowed(t, await world.check({ token, principal: SHOP, path: '/orders/%37?q=1' }));
  isRefused(t, await world.check({ token, principal: SHOP, path: '/orders/8' }), 'condition_not_met');
});

for (const [title, when, wrong] of [
  ['an unknown name', 'tokn.subject == "a"', /tokn.*is not known/],
  ['an unknown field', 'token.subjet == "a"', /subjet/],
  ['a wrong type', 'token.subject > 3', /./],
  ['no yes or no', 'token.subject', /./],
  ['a syntax error', 'token.subject ==', /./],
] as const)
  test(`condition – ${title} is a problem at its line`, (t) => {
    const text = `issuers:\n  corp: {issuer: "https://a.example", audiences: [a]}\nrules:\n- name: a\n  require:\n    when: '${when}'\n`;
    const problems = problemsOf(text);
    t.is(problems.length, 1);
    t.is(problems[0]?.line, 6);
    t.is(problems[0]?.key, 'rules[0].require.when');
    t.regex(problems[0]?.message ?? '', wrong);
  });

test('condition – cannot stand in a rule for connections, where there is no token', (t) => {
  const text = `peers: {trustDomains: {a.b: {}}}\nrules:\n- name: a\n  match: {protocol: tcp}\n  require: {peers: ["spiffe://a.b/c"], when: "1 == 1"}\n`;
  t.regex(problemsOf(text)[0]?.message ?? '', /a connection has no token/);
});
