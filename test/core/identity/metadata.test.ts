import test from 'ava';
import { decisionMetadata } from '../../../src/core/identity/metadata.ts';
import { checkResponseOf } from '../../../src/grpc/check-response.ts';
import { explained } from '../../support/answers.ts';
import { checkCodec, messageOf } from '../../support/check-wire.ts';
import { createCheckWorld, evidenceFor } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, ISSUER, inlineIssuer } from '../../support/token-fixture.ts';
import { createWorkloads, SHOP, TRUST_DOMAIN } from '../../support/workload-fixture.ts';

const signer = createSigner('ES256');
const { shop } = await createWorkloads();
const world = await createCheckWorld({
  issuers: { corp: inlineIssuer([signer]) },
  peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
  rules: [
    { name: 'scoped', match: { paths: ['/scoped'] }, require: { scopes: ['admin'], binding: ['none'] } },
    { name: 'bound', match: { paths: ['/bound'] } },
    { name: 'plain', require: { binding: ['none'] } },
  ],
});
const fieldsOf = (answer: Awaited<ReturnType<typeof world.check>>) =>
  answer.response.dynamicMetadata?.fields ?? {};
const text = (stringValue: string) => ({ stringValue });

test('dynamic metadata – of an allow: who, by which token, bound by what', async (t) => {
  const claims = goodClaims({ sub: SHOP, client_id: 'shop', scope: 'a b' });
  const answer = await world.check({ token: signer.sign(claims), certificate: shop, path: '/bound' });
  isAllowed(t, answer);
  t.deepEqual(fieldsOf(answer), {
    decision_id: text(answer.decision.id),
    effect: text('allow'),
    reason: text('allowed'),
    rule: text('bound'),
    subject: text(SHOP),
    issuer: text(ISSUER),
    client_id: text('shop'),
    scopes: { listValue: { values: [text('a'), text('b')] } },
    spiffe_id: text(SHOP),
    bound_by: text('workload'),
  });
});

test('dynamic metadata – of a refusal before the signature held: nothing that the token says', async (t) => {
  const token = createSigner('ES256').sign(goodClaims({ sub: 'mallory' }), { kid: signer.kid });
  const answer = await world.check({ token });
  isRefused(t, answer, 'token_signature_invalid');
  t.deepEqual(Object.keys(fieldsOf(answer)).sort(), ['decision_id', 'effect', 'reason', 'rule']);
  t.false(JSON.stringify(answer.response).includes('mallory'));
});

test('dynamic metadata – of a refusal after it: whose token it was', async (t) => {
  const answer = await world.check({ token: signer.sign(goodClaims()), path: '/scoped' });
  isRefused(t, answer, 'scope_missing', { scope: 'admin' });
  const { subject, effect, bound_by: boundBy } = fieldsOf(answer);
  t.deepEqual(
    { subject, effect, boundBy },
    { subject: text('alice'), effect: text('deny'), boundBy: text('none') },
  );
});

/** A string that protobuf cannot carry makes the answer unreadable: a gRPC error, which failure_mode_allow lets in. */
const odd: [string, Record<string, unknown>][] = [
  ['a lone surrogate in sub', { sub: 'a\ud800b' }],
  ['a lone surrogate in client_id', { client_id: '\udfff' }],
  ['a lone surrogate in scope', { scope: '\ud800 b' }],
  ['NUL and controls in sub', { sub: 'a\0\r\n\u009b' }],
  ['all of Unicode in sub', { sub: '\u{10ffff}é李😀' }],
];
for (const [title, claims] of odd)
  for (const path of ['/plain', '/scoped'])
    test(`dynamic metadata – ${title} leaves the answer valid UTF-8 at ${path} (protobuf string)`, async (t) => {
      const evidence = evidenceFor({ token: signer.sign(goodClaims(claims)), path });
      const decision = await world.decide(evidence, 'grpc', Number.POSITIVE_INFINITY);
      const bytes = checkCodec.responseSerialize(messageOf(checkResponseOf(decision, explained)));
      t.false(hasLoneSurrogate(bytes));
    });

/** ED A0..BF: what a surrogate becomes in UTF-8 that is none (Unicode §3.9, table 3-7). */
function hasLoneSurrogate(bytes: Buffer): boolean {
  return bytes.some((byte, at) => byte === 0xed && (bytes[at + 1] ?? 0) >= 0xa0);
}

test('dynamic metadata – of an allow: the identity of the headers, written by their rule', async (t) => {
  const claims = goodClaims({
    email: 'zoë@example.com',
    preferred_username: 'zoë',
    groups: ['a,b', 7, 'c"'],
  });
  const answer = await world.check({ token: signer.sign(claims) });
  isAllowed(t, answer);
  const { email, preferred_username: username, groups } = fieldsOf(answer);
  t.deepEqual({ email, username }, { email: text('zo%C3%AB@example.com'), username: text('zo%C3%AB') });
  t.deepEqual(groups, { listValue: { values: [text('a,b'), text('c%22')] } });
});

test('dynamic metadata – each text of each member is written like a header value', async (t) => {
  const { decision } = await world.check({
    token: signer.sign(goodClaims({ sub: SHOP })),
    certificate: shop,
    path: '/bound',
  });
  const { found } = decision;
  if (!found.token || !found.peer || !found.rule)
    throw new Error(`the check was refused: ${decision.reason}`);
  const odd = 'a"\r\n%é';
  const claims = { ...found.token.claims, act: { sub: odd } };
  const token = { ...found.token, subject: odd, iss: odd, scopes: [odd], claims };
  const metadata = decisionMetadata({
    ...decision,
    id: odd,
    found: {
      ...found,
      rule: { ...found.rule, name: odd },
      token,
      client: odd,
      peer: { ...found.peer, spiffeId: { uri: odd, trustDomain: odd, segments: [] } },
      sender: token,
      person: { user: odd, email: odd, preferredUsername: odd, groups: [odd] },
    },
  });
  for (const [name, value] of Object.entries(metadata)) {
    t.truthy(value?.length, name);
    for (const text of [value].flat()) t.regex(text ?? '', /^[ !#-~]+$/, name);
  }
});

test('dynamic metadata – of a refusal: no identity', async (t) => {
  const claims = goodClaims({ email: 'zoe@example.com', groups: ['c'] });
  const answer = await world.check({ token: signer.sign(claims), path: '/scoped' });
  isRefused(t, answer, 'scope_missing', { scope: 'admin' });
  t.deepEqual(
    Object.keys(fieldsOf(answer)).filter((name) => ['email', 'groups', 'preferred_username'].includes(name)),
    [],
  );
});
