import test from 'ava';
import { doJob, type Job } from '../../src/console/jobs.ts';
import { startConsole } from '../support/console-world.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';

const claims = { iss: 'https://login.example', sub: 'ada', aud: 'orders', exp: 4_102_444_800 };
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = `${part({ alg: 'ES256', kid: 'one' })}.${part(claims)}.${Buffer.alloc(64, 7).toString('base64url')}`;

test('console explain – a decision, by its line and by its ID', async (t) => {
  const { explain, check, lines } = await startConsole(t);
  await check('/orders/1');
  const line = lines.find((one) => one.includes('token_missing')) ?? '';
  for (const decision of [line, JSON.parse(line).decision_id]) {
    const { status, body } = await explain({ decision });
    t.is(status, 200);
    const answer = JSON.parse(body);
    t.is(answer.reason, 'token_missing');
    t.is(answer.rule, 'orders');
    t.true(answer.steps.some(({ outcome }: { outcome: string }) => outcome === 'stopped'));
  }
});

test('console explain – a request, by the running configuration, and its token is neither shown nor logged', async (t) => {
  const { explain, lines } = await startConsole(t);
  const { status, body } = await explain({ method: 'GET', host: 'orders.example', path: '/orders/1', token });
  t.is(status, 200);
  t.is(JSON.parse(body).reason, 'token_signature_invalid');
  const signature = token.split('.')[2] ?? '';
  t.false(body.includes(signature));
  t.false(lines.join('').includes(signature));
  t.notRegex(body, /--(?:fetch|keys)/);
});

test('console explain – the signature is checked with the keys that the service has fetched', async (t) => {
  const signer = createSigner('ES256');
  const server = await startJwksServer({ signers: [signer] });
  t.teardown(() => server.stop());
  const { explain } = await startConsole(t, {
    issuers: { corp: { issuer: server.issuer, jwksUri: server.jwksUri, audiences: ['orders'] } },
  });
  const good = signer.sign({ ...claims, iss: server.issuer, client_id: 'shop', iat: 1, jti: 'one' });
  const other = good.slice(0, good.lastIndexOf('.')) + token.slice(token.lastIndexOf('.'));
  const reasons = [];
  for (const sent of [good, other]) {
    const { body } = await explain({ host: 'orders.example', path: '/orders/1', token: sent });
    const { reason, notes } = JSON.parse(body);
    t.deepEqual(notes, []);
    reasons.push(reason);
  }
  t.deepEqual(reasons, ['allowed', 'token_signature_invalid']);
});

test('console explain – a change is shown without comments and secrets', async (t) => {
  const secret = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJh.signature';
  const text = `issuers: {corp: {issuer: "https://login.example", audiences: [a], jwksUri: "https://login.example/keys"}}
rules:
# The password is hunter2.
- name: orders  # or hunter2
  match: {paths: [/o]}
  require: {binding: [none], when: "claims.key == '${secret}'"}
`;
  const line = {
    level: 40,
    decision_id: 'x',
    effect: 'deny',
    reason: 'no_rule',
    method: 'GET',
    path: '/p',
    host: 'a',
  };
  const job: Job = {
    name: 'explain-line',
    source: { file: 'a.yaml', text, files: new Map() },
    line: JSON.stringify({ ...line, time: '2026-01-01T00:00:00Z', detail: 'GET a /p' }),
    now: 0,
  };
  const shown = JSON.stringify(await doJob(job));
  t.regex(shown, /"diff":".*name: orders {2}# ….*claims\.key == /);
  t.notRegex(shown, /hunter2|signature/);
  // A log can leave out the detail.
  const { sentence } = (await doJob({ ...job, line: JSON.stringify({ ...line, time: '' }) })) as {
    sentence: string;
  };
  t.is(sentence, 'denied: no_rule – The request matches no rule.');
});

test('console explain – a name of a file is no content', async (t) => {
  const { explain } = await startConsole(t);
  const file = new URL(import.meta.url).pathname;
  const asked = { host: 'orders.example', path: '/orders/1', token: `@${file}`, certificate: `@${file}` };
  const { status, body } = await explain(asked);
  t.is(status, 422);
  t.is(JSON.parse(body).problem, 'The certificate is not usable: the file holds no certificate in PEM.');
});

test('console explain – another site, a form and a body that is too long are refused', async (t) => {
  const { explain, ask } = await startConsole(t);
  const asked = { host: 'orders.example' };
  t.is((await explain(asked, { origin: 'https://evil.example' })).status, 403);
  t.is((await explain(asked, { origin: 'null' })).status, 403);
  t.is((await explain(asked, { 'content-type': 'text/plain' })).status, 403);
  t.is((await explain(asked, { 'content-type': 'application/x-www-form-urlencoded' })).status, 403);
  t.is((await explain(asked, { 'sec-fetch-site': 'same-site' })).status, 403);
  t.is((await explain({ ...asked, token: 'x'.repeat(300_000) })).status, 400);
  for (const wrong of [[], 'text', 1, null]) t.is((await explain(wrong)).status, 400);
  t.is((await explain({})).status, 400);
  t.is((await explain({ decision: 'no-such-id' })).status, 400);
  t.is((await ask('/console/api/explain')).status, 404);
});
