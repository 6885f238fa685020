import test from 'ava';
import type { Evidence } from '../../src/core/evidence.ts';
import { needsBody } from '../../src/core/needs-body.ts';
import { withBody } from '../../src/http/body.ts';
import { evidenceOfCheck, evidenceOfForwardAuth } from '../../src/http/check-request.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { createCheckWorld } from '../support/check-world.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { inlineIssuer } from '../support/token-fixture.ts';

const SHOP = 'spiffe://cluster.local/ns/applications/sa/shop';
const world = await createCheckWorld({
  issuers: { corp: inlineIssuer([createSigner('ES256')]) },
  peers: { trustDomains: { 'cluster.local': {} } },
  clients: { shop: [SHOP] },
  rules: [
    { name: 'token', match: { paths: ['/token'] }, require: { credential: 'client-certificate' } },
    { name: 'assertion', match: { paths: ['/assertion'] }, require: { credential: 'client-assertion' } },
    { name: 'open', match: { paths: ['/open'] }, public: true },
    { name: 'rest' },
  ],
});
test.after.always(() => world.stop());

const check = (target: string, more: Record<string, string> = {}) => ({
  ...{
    method: 'POST',
    target,
    host: 'as.example.com',
    repeated: new Set<string>(),
    remoteAddress: '127.0.0.1',
  },
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    'x-forwarded-client-cert': `By=${SHOP};URI=${SHOP}`,
    ...more,
  },
});
const whole = { 'x-envoy-auth-partial-body': 'false' };
const asked = (target: string, more?: Record<string, string>) =>
  evidenceOfCheck(check(target, more), '', 'direct');
const decide = async (evidence: Evidence) => world.decide(evidence, 'http', Number.POSITIVE_INFINITY);

test('body over HTTP – a rule for a token endpoint needs it, and no other rule does', (t) => {
  const needs = (target: string) => needsBody(asked(target), world.policy);
  t.deepEqual(['/token', '/assertion', '/open', '/orders', '//'].map(needs), [
    true,
    true,
    false,
    false,
    false,
  ]);
  t.false(needsBody({ ...asked('/token'), request: undefined as never }, world.policy));
});

test('body over HTTP – a whole one is judged', async (t) => {
  const decision = await decide(withBody(asked('/token', whole), 'client_id=shop'));
  t.like(decision, { effect: 'allow', found: { client: 'shop' } });
});

for (const [title, evidence, reason, detail] of [
  [
    'one that the proxy does not call complete',
    withBody(asked('/token'), 'client_id=shop'),
    'body_unreadable',
    /x-envoy-auth-partial-body/,
  ],
  [
    'one that the proxy cut off',
    withBody(asked('/token', { 'x-envoy-auth-partial-body': 'true' }), 'client_id=shop'),
    'body_unreadable',
    /cut the body off/,
  ],
  [
    'one that did not arrive',
    withBody(asked('/token', whole), new Malformed('too slow')),
    'check_incomplete',
    /the body: too slow/,
  ],
  [
    'one longer than 64 KiB',
    withBody(asked('/token', whole), 'x'.repeat(65_537)),
    'body_unreadable',
    /longer than 65536/,
  ],
  ['none', asked('/token'), 'body_unreadable', /with_request_body/],
  ['none with an assertion', asked('/assertion'), 'assertion_missing', /with_request_body/],
] as const)
  test(`body over HTTP – refuses ${title}`, async (t) => {
    const decision = await decide(evidence);
    t.is(decision.reason, reason);
    t.regex('detail' in decision ? (decision.detail ?? '') : '', detail);
  });

test('body over HTTP – nginx, Caddy and Traefik never have one, and the log says so', async (t) => {
  const headers = {
    ...{ 'x-original-method': 'POST', 'x-original-host': 'as.example.com', 'x-original-uri': '/assertion' },
  };
  const evidence = evidenceOfForwardAuth(
    { ...check('/auth', whole), headers },
    { path: '/auth', trusts: () => true, original: 'x-original' },
  );
  const decision = await decide(evidence);
  t.like(decision, { reason: 'assertion_missing' });
  t.regex('detail' in decision ? (decision.detail ?? '') : '', /ask without the body/);
});
