import { readFileSync } from 'node:fs';
import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { readTokenReview, tokenReviewRequest } from '../../../src/core/token/token-review.ts';
import { Malformed } from '../../../src/lib/malformed.ts';

const asked = ['https://as.example.com'];
const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/kubernetes/review-${name}.json`, import.meta.url), 'utf8'));
const review = (status: unknown) => ({ kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', status });
const user = { username: 'system:serviceaccount:prod:till' };

test('TokenReview – the audiences are always sent, whatever they hold', (t) => {
  t.deepEqual(JSON.parse(tokenReviewRequest('a"b\n', ['one', 'with "quotes"'])), {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'a"b\n', audiences: ['one', 'with "quotes"'] },
  });
});

for (const name of ['ok', 'ok-pod'])
  test(`TokenReview – recorded ${name} is a yes`, (t) => {
    t.like(readTokenReview(recorded(name), asked), {
      ...{ claims: undefined, audiences: asked, cached: false },
      username: 'system:serviceaccount:applications:oauthclient',
    });
  });

for (const name of ['wrong-audience', 'no-audience-asked', 'deadpod-after', 'gone-after', 'garbage'])
  test(`TokenReview – recorded ${name} is a no, and says why`, (t) => {
    const denial = readTokenReview(recorded(name), asked) as Denial;
    t.true(denial instanceof Denial);
    t.is(denial.reason, 'token_review_refused');
    t.regex(denial.detail ?? '', /invalid bearer token/);
  });

const statuses: [string, unknown, string | 'yes' | 'malformed'][] = [
  ['one audience of two', { authenticated: true, audiences: ['x', ...asked], user }, 'yes'],
  ['an error beside a yes', { authenticated: true, audiences: asked, user, error: 'x' }, 'yes'],
  [
    'another audience',
    { authenticated: true, audiences: ['https://as.example.com/'], user },
    'token_audience_mismatch',
  ],
  ['no audiences', { authenticated: true, user }, 'token_audience_mismatch'],
  ['an empty list', { authenticated: true, audiences: [], user }, 'token_audience_mismatch'],
  ['a text that holds it', { authenticated: true, audiences: asked[0], user }, 'token_audience_mismatch'],
  ['a list in the list', { authenticated: true, audiences: [asked], user }, 'token_audience_mismatch'],
  ['authenticated 1', { authenticated: 1, audiences: asked, user }, 'token_review_refused'],
  ['authenticated null', { authenticated: null, audiences: asked, user }, 'token_review_refused'],
  ['nothing', {}, 'token_review_refused'],
  ['no user', { authenticated: true, audiences: asked }, 'malformed'],
  ['an empty name', { authenticated: true, audiences: asked, user: { username: '' } }, 'malformed'],
  ['a number as name', { authenticated: true, audiences: asked, user: { username: 7 } }, 'malformed'],
  ['a text instead', 'authenticated', 'malformed'],
  ['null instead', null, 'malformed'],
];
for (const [title, status, expected] of statuses)
  test(`TokenReview – a status with ${title}: ${expected}`, (t) => {
    const read = readTokenReview(review(status), asked);
    if (expected === 'malformed') t.true(read instanceof Malformed);
    else if (expected === 'yes') t.like(read, { audiences: asked, username: user.username, cached: false });
    else t.is<string, string>((read as Denial).reason, expected);
  });

for (const [title, answer] of [
  ['nothing', undefined],
  ['null', null],
  ['a text', 'TokenReview'],
  ['a list', []],
  ['a Status', recorded('forbidden')],
  ['a SubjectAccessReview', { kind: 'SubjectAccessReview', status: { allowed: true, authenticated: true } }],
] as const)
  test(`TokenReview – ${title} is refused`, (t) => {
    t.true(readTokenReview(answer, asked) instanceof Malformed);
  });

test('TokenReview – the detail is short, and contains no text as long as a part of a token', (t) => {
  const part = 'a'.repeat(64);
  const label = 'b'.repeat(63);
  const { detail } = readTokenReview(
    review({ error: `${part}.${part}-_+/= at ${label}.example.com ${'c '.repeat(300)}` }),
    asked,
  ) as Denial;
  t.is(detail?.length, 300);
  t.true(detail?.startsWith(`….… at ${label}.example.com c`));
});
