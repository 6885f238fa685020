import test, { type ExecutionContext } from 'ava';
import { Denial, DependencyError } from '../../src/core/denial.ts';
import { ApiServer } from '../../src/sources/api-server.ts';
import { type ApiServerBehaviour, startApiServer } from '../support/api-server.ts';
import { createCa } from '../support/ca.ts';
import { forbidden, RECORDED_AUDIENCE, recordedToken } from '../support/recorded-cluster.ts';

const ca = await createCa();
const never = new AbortController().signal;

async function world(t: ExecutionContext, more: Partial<ConstructorParameters<typeof ApiServer>[0]> = {}) {
  const server = await startApiServer({ ca });
  t.teardown(() => server.stop());
  const caller = { token: 'the-caller' };
  server.setCaller(caller.token);
  const client = new ApiServer({
    ...{ url: server.url, ca: ca.certPem, token: () => caller.token, timeout: 10_000, ...more },
  });
  t.teardown(() => client.close());
  return { server, client, caller, review: client.review([RECORDED_AUDIENCE]) };
}

const accepted: [string, string][] = [
  ['sa-oauthclient', 'system:serviceaccount:applications:oauthclient'],
  ['sa-oauthclient-pod', 'system:serviceaccount:applications:oauthclient'],
];
for (const [name, username] of accepted)
  test(`TokenReview – recorded: ${name} is accepted`, async (t) => {
    const { server, review } = await world(t);
    t.like(await review(recordedToken(name), never), {
      ...{ claims: undefined, audiences: [RECORDED_AUDIENCE], username, cached: false },
    });
    t.deepEqual(server.asked, [{ token: recordedToken(name), audiences: [RECORDED_AUDIENCE] }]);
    t.deepEqual(server.authorizations, ['Bearer the-caller']);
  });

const refused: [string, string, RegExp][] = [
  ['of another audience', recordedToken('sa-oauthclient-wrongaud'), /invalid for the target audiences/],
  ['of a deleted pod', recordedToken('sa-oauthclient-deadpod'), /has been invalidated/],
  ['of a deleted ServiceAccount', recordedToken('sa-gone'), /serviceaccounts "gone" not found/],
  ['that is garbage', 'not.a.jwt', /^invalid bearer token$/],
];
for (const [title, token, detail] of refused)
  test(`TokenReview – recorded: a token ${title} is refused`, async (t) => {
    const { review } = await world(t);
    const denial = await review(token, never);
    t.true(denial instanceof Denial);
    t.is((denial as Denial).reason, 'token_review_refused');
    t.regex((denial as Denial).detail ?? '', detail);
  });

test('TokenReview – a token of its own, until its pod is gone', async (t) => {
  const { server, client } = await world(t);
  const review = client.review(['orders', 'other "quoted"']);
  const token = server.issue({
    namespace: 'prod',
    name: 'till',
    audiences: ['other "quoted"'],
    pod: 'till-0',
  });
  t.like(await review(token, never), {
    username: 'system:serviceaccount:prod:till',
    audiences: ['other "quoted"'],
  });
  server.revoke(token);
  t.like(await review(token, never), { reason: 'token_review_refused' });
});

const wrong: [string, Record<string, unknown>, string][] = [
  ['status.audiences that do not intersect', { audiences: ['https://other'] }, 'token_audience_mismatch'],
  ['status.audiences that are missing', { audiences: undefined }, 'token_audience_mismatch'],
  ['status.audiences that are a text', { audiences: RECORDED_AUDIENCE }, 'token_audience_mismatch'],
  ['authenticated absent', { authenticated: undefined }, 'token_review_refused'],
  ['authenticated false', { authenticated: false }, 'token_review_refused'],
  ['authenticated as a text', { authenticated: 'true' }, 'token_review_refused'],
];
for (const [title, status, reason] of wrong)
  test(`TokenReview – ${title}: refused`, async (t) => {
    const { server, review } = await world(t);
    server.behave(server.paths.reviews, { kind: 'wrong', status });
    t.like(await review(recordedToken('sa-oauthclient'), never), { reason });
  });

type Outage = [string, ApiServerBehaviour, 'api_server_unavailable' | 'api_server_forbidden', RegExp, number];
const unavailable = 'api_server_unavailable';
const outages: Outage[] = [
  ['403, as recorded', { kind: 'forbidden' }, 'api_server_forbidden', /answered 403: may our/, 5],
  [
    '401',
    { kind: 'status', status: 401 },
    'api_server_forbidden',
    /answered 401: it does not accept our token$/,
    5,
  ],
  [
    '429 with Retry-After',
    { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
    unavailable,
    /answered 429$/,
    7,
  ],
  [
    '429 with an endless one',
    { kind: 'status', status: 429, headers: { 'retry-after': '86400' } },
    unavailable,
    /429$/,
    60,
  ],
  ['429 without', { kind: 'status', status: 429 }, unavailable, /answered 429$/, 1],
  ['500', { kind: 'status', status: 500, body: JSON.stringify(forbidden) }, unavailable, /answered 500$/, 1],
  ['503', { kind: 'status', status: 503 }, unavailable, /answered 503$/, 1],
  ['404', { kind: 'status', status: 404 }, unavailable, /answered 404$/, 1],
  [
    'a redirect',
    { kind: 'status', status: 307, headers: { location: '/elsewhere' } },
    unavailable,
    /answered 307$/,
    1,
  ],
  ['HTML', { kind: 'body', body: '<html>' }, unavailable, /not a TokenReview$/, 1],
  ['nothing', { kind: 'body', body: '' }, unavailable, /not a TokenReview$/, 1],
  ['null', { kind: 'body', body: 'null' }, unavailable, /not a TokenReview$/, 1],
  ['another kind', { kind: 'body', body: JSON.stringify(forbidden) }, unavailable, /not a TokenReview$/, 1],
  [
    'a review without status',
    { kind: 'body', body: '{"kind":"TokenReview"}' },
    unavailable,
    /not a TokenReview$/,
    1,
  ],
  ['nobody who is authenticated', { kind: 'wrong', status: { user: {} } }, unavailable, /without a user$/, 1],
  [
    'more than it may send',
    { kind: 'body', body: ' '.repeat(600_000) },
    unavailable,
    /more than 524288 bytes$/,
    1,
  ],
  ['silence', { kind: 'hang' }, unavailable, /no answer within 300 ms$/, 1],
  ['a cut connection', { kind: 'reset' }, unavailable, /socket hang up|ECONNRESET/, 1],
];
for (const [title, behaviour, reason, message, retryAfter] of outages)
  test(`TokenReview – ${title} is an outage and no refusal, and its message holds no token`, async (t) => {
    const { server, review, caller } = await world(t, behaviour.kind === 'hang' ? { timeout: 300 } : {});
    server.behave(server.paths.reviews, behaviour);
    const token = recordedToken('sa-oauthclient');
    const error = (await t.throwsAsync(review(token, never), {
      instanceOf: DependencyError,
      message,
    })) as DependencyError;
    t.is(error.reason, reason);
    t.is(error.retryAfter, retryAfter);
    const told = [error.message, error.stack, error.cause].join();
    for (const part of [...token.split('.'), caller.token]) t.false(told.includes(part));
  });

test('TokenReview – an error that quotes the token does not bring it into a denial', async (t) => {
  const { server, review } = await world(t);
  const token = recordedToken('sa-oauthclient');
  server.behave(server.paths.reviews, {
    kind: 'wrong',
    status: { authenticated: undefined, error: `webhook: ${token} is bad at https://webhook.example.com/` },
  });
  const denial = (await review(token, never)) as Denial;
  t.is(denial.reason, 'token_review_refused');
  for (const part of token.split('.')) t.false(denial.detail?.includes(part));
  t.regex(denial.detail ?? '', /^webhook: .* is bad at https:\/\/webhook\.example\.com\/$/);
});

test('TokenReview – a caller token that is replaced is used at once; one that is not known is an outage', async (t) => {
  const { server, review, caller } = await world(t);
  server.setCaller('rotated');
  const asked = () => review(recordedToken('sa-oauthclient'), never);
  t.like(await t.throwsAsync(asked()), { reason: 'api_server_forbidden' });
  caller.token = 'rotated';
  t.like(await asked(), { username: 'system:serviceaccount:applications:oauthclient' });
});

test('TokenReview – a caller token that cannot be read is an outage', async (t) => {
  const { review } = await world(t, {
    token: () => {
      throw new Error('/var/run/token cannot be read: ENOENT');
    },
  });
  const error = await t.throwsAsync(review('x', never), { message: /cannot be read: ENOENT$/ });
  t.like(error, { reason: 'api_server_unavailable' });
});

test('TokenReview – a server with another certificate is not asked', async (t) => {
  const { server, review } = await world(t, { ca: (await createCa()).certPem });
  t.like(await t.throwsAsync(review('x', never)), { reason: 'api_server_unavailable' });
  t.is(server.count(), 0);
});

test('TokenReview – connections are kept', async (t) => {
  const { server, review } = await world(t);
  for (let n = 0; n < 20; n++) await review(recordedToken('sa-oauthclient'), never);
  t.is(server.connections, 1);
});

test('TokenReview – a path in front of the API stays', async (t) => {
  const proxied = await world(t);
  const behind = new ApiServer({
    ...{ url: `${proxied.server.url}/k8s/clusters/c-1/`, ca: ca.certPem, token: () => 'x', timeout: 10_000 },
  });
  t.teardown(() => behind.close());
  await t.throwsAsync(behind.review(['a'])('x', never));
  t.is(proxied.server.count(`/k8s/clusters/c-1${proxied.server.paths.reviews}`), 1);
});

test('API server – plain http to another machine is misuse: the token would be seen', (t) => {
  const options = { token: () => 'x', timeout: 300 };
  t.throws(() => new ApiServer({ ...options, url: 'http://api.example.com' }), { instanceOf: TypeError });
  t.notThrows(() => new ApiServer({ ...options, url: 'http://127.0.0.1:8001' }).close());
});
