import { readFileSync } from 'node:fs';
import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { joinReviewed, readReviewedAccount } from '../../../src/core/token/reviewed-account.ts';
import { readServiceAccount } from '../../../src/core/token/service-account.ts';
import { readTokenReview } from '../../../src/core/token/token-review.ts';
import { Malformed } from '../../../src/lib/malformed.ts';

const recorded = (name: string) =>
  readFileSync(new URL(`../../fixtures/kubernetes/${name}`, import.meta.url), 'utf8');
const claimsOf = (name: string) =>
  JSON.parse(Buffer.from(recorded(name).split('.')[1] ?? '', 'base64url').toString());
const of = (more: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(more).map(([name, value]) => [`authentication.kubernetes.io/${name}`, value]),
  );

test('TokenReview – says the same of a recorded token as the token itself', (t) => {
  const claims = claimsOf('sa-oauthclient-pod.jwt');
  const account = readServiceAccount(claims.sub, claims);
  const said = readTokenReview(JSON.parse(recorded('review-ok-pod.json')), ['https://as.example.com']);
  if (!account || said instanceof Denial || said instanceof Malformed) return t.fail();
  t.like(said.account, { credentialId: account.credentialId, pod: 'oauthclient-0' });
  t.deepEqual(joinReviewed(account, said.account ?? {}), account);
});

test('TokenReview – adds the node that a token does not name', (t) => {
  const claims = claimsOf('sa-oauthclient-pod.jwt');
  const account = readServiceAccount(claims.sub, claims);
  const said = readReviewedAccount(of({ 'node-name': ['worker-1'], 'node-uid': ['n'] }));
  if (!account || !said || said instanceof Malformed) return t.fail();
  t.like(joinReviewed(account, said), { node: 'worker-1', nodeUid: 'n', credentialId: account.credentialId });
});

for (const [member, name] of [
  ['credential-id', 'credentialId'],
  ['pod-name', 'pod'],
  ['pod-uid', 'podUid'],
] as const)
  test(`TokenReview – contradicts the token in ${member}`, (t) => {
    const claims = claimsOf('sa-oauthclient-pod.jwt');
    const account = readServiceAccount(claims.sub, claims);
    const said = readReviewedAccount(of({ [member]: ['another'] }));
    if (!account || !said || said instanceof Malformed) return t.fail();
    const joined = joinReviewed(account, said);
    t.is(joined instanceof Malformed && joined.why, `the answer names another ${name} than the token`);
  });

test('TokenReview – a member must be a list of one text', (t) => {
  for (const value of [[], ['a', 'b'], 'a', [7], [''], null, { 0: 'a' }])
    t.true(readReviewedAccount(of({ 'credential-id': value })) instanceof Malformed, JSON.stringify(value));
  for (const extra of [undefined, null, {}, [], { 'example.com/team': ['a', 'b'] }])
    t.is(readReviewedAccount(extra), undefined);
});
