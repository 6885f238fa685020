import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type ExplainOptions, explain } from '../../src/explain/command.ts';
import { NOW } from '../support/check-world.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { goodClaims } from '../support/token-fixture.ts';
import { corp, text, workloads } from './reason-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'explain-'));
test.after.always(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const config = file('peerproof.yaml', text);
const cert = `@${file('shop.pem', `${workloads.shop.certPem}${workloads.shop.keyPem}`)}`;
const now = new Date(NOW).toISOString();
const claims = { client_id: 'shop', scope: 'orders.read' };
const token = corp.sign(goodClaims(claims));
const base = { config, now, host: 'orders.example.com', path: '/orders/7', cert, token };
const run = (more: Partial<ExplainOptions> = {}) => explain({ ...base, ...more }, false);
const line = (more: object = {}) =>
  JSON.stringify({
    time: now,
    decision_id: 'a1',
    effect: 'deny',
    reason: 'no_rule',
    method: 'GET',
    host: 'x',
    path: '/',
    ...more,
  });

test('explain – an allowed request ends with 0, and shows the headers for the application', async (t) => {
  const { exitCode, text: report } = await run();
  t.is(exitCode, 0, report);
  t.true(report.startsWith('allowed: by the rule read\n'));
  t.regex(report, /bound by workload/);
  t.regex(report, /answer: 200\n {2}x-/);
});

test('explain – a denied request ends with 1, and several flaws get one change', async (t) => {
  const other = corp.sign(goodClaims({ ...claims, aud: 'billing', client_id: 'kiosk' }));
  const { exitCode, text: report } = await run({ token: other, host: 'orders.eu' });
  t.is(exitCode, 1);
  t.regex(report, /^\+.*orders\.eu/m);
  t.regex(report, /^\+.*billing/m);
  t.regex(report, /^\+.*kiosk/m);
  t.regex(report, /A trial with it allowed the request/);
});

test('explain – a port in the Host has two remedies', async (t) => {
  const { text: report } = await run({ host: 'orders.example.com:8443' });
  t.regex(report, /^\+ {6}hosts: \[orders\.example\.com, orders\.example\.com:8443\]/m);
  t.regex(report, /Or this change ignores the port in the Host[\s\S]*\+hosts:\n\+ {2}ignorePort: true/);
});

test('explain – a rule that has nothing in common with the request is not widened', async (t) => {
  const { text: report } = await run({ host: 'other.example.net', path: '/teams/7' });
  t.regex(report, /This change adds a rule for exactly this request/);
  t.notRegex(report, /Or this change/);
});

test('explain – a change that is not enough is named, and not proposed', async (t) => {
  const expired = corp.sign(goodClaims({ ...claims, exp: 1 }));
  const { text: report } = await run({ token: expired, host: 'orders.eu' });
  t.regex(report, /adds orders\.eu to hosts of the rule read is not enough\. .* denied: token_expired/);
  t.notRegex(report, /^\+/m);
});

test('explain – a peer that peers.from leaves out is found', async (t) => {
  const bound = corp.sign(goodClaims({ ...claims, cnf: { 'x5t#S256': workloads.shop.thumbprint } }));
  const hash = Buffer.from(workloads.shop.thumbprint, 'base64url').toString('hex');
  const { text: report } = await run({ token: bound, cert: undefined, xfcc: `Hash=${hash}` });
  t.regex(report, /^denied: binding_peer_missing/);
  t.regex(report, /^\+ {2}from: \[attribute, xfcc\]/m);
});

test('explain – a token is masked, unless secrets are asked for', async (t) => {
  const [, , signature = ''] = token.split('.');
  for (const format of ['text', 'json']) {
    const { text: report } = await run({
      format,
      path: `/orders/7?access_token=${signature}`,
      header: [`cookie: id=${signature}`],
    });
    t.false(report.includes(signature), report);
    t.regex(report, /eyJ…\(\d+ characters, sha256 [0-9a-f]{8}\)/);
  }
  t.true((await run({ 'show-secrets': true, format: 'json' })).text.includes(token));
});

test('explain – JSON has the steps, the answer and the change', async (t) => {
  const { text: report } = await run({
    format: 'json',
    token: corp.sign(goodClaims({ ...claims, aud: 'billing' })),
  });
  const { effect, reason, steps, answer, remedy } = JSON.parse(report);
  t.deepEqual([effect, reason, answer.status], ['deny', 'token_audience_mismatch', 401]);
  t.deepEqual(
    steps.map(({ name, outcome }: Record<string, string>) => `${name} ${outcome}`),
    [
      ...['presented passed', 'route passed', 'peer passed', 'token stopped', 'binding not reached'],
      ...['person not reached', 'requirements not reached'],
    ],
  );
  t.regex(remedy.proposals[0].diff, /\+.*billing/);
});

test('explain – without the keys of the issuer the claims count, and the answer says so', async (t) => {
  const elsewhere = file(
    'elsewhere.yaml',
    text.replace(/(issuer: https:\/\/login[\s\S]*?) {4}jwks: .*\n/, '$1'),
  );
  const stranger = createSigner('ES256');
  for (const [given, exitCode, words] of [
    [
      corp.sign(goodClaims(claims)),
      0,
      /note: the signature of the token was not checked: the keys of login are elsewhere/,
    ],
    [stranger.sign(goodClaims({ ...claims, aud: 'billing' })), 1, /token_audience_mismatch/],
    [
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.x`,
      1,
      /token_malformed|token_algorithm/,
    ],
  ] as const) {
    const explained = await run({ config: elsewhere, token: given });
    t.is(explained.exitCode, exitCode, explained.text);
    t.regex(explained.text, words);
  }
  const keys = [`login=${file('jwks.json', JSON.stringify({ keys: [corp.publicJwk] }))}`];
  const proven = await run({ config: elsewhere, keys });
  t.is(proven.exitCode, 0);
  t.notRegex(proven.text, /note:/);
  t.regex(
    (await run({ config: elsewhere, keys, token: stranger.sign(goodClaims(claims), { kid: corp.kid }) }))
      .text,
    /token_signature_invalid/,
  );
});

test('explain – with --fetch the keys come from the issuer', async (t) => {
  const signer = createSigner('ES256');
  const server = await startJwksServer({ signers: [signer] });
  t.teardown(() => server.stop());
  const fetched = file(
    'fetched.yaml',
    `issuers: {corp: {issuer: "${server.issuer}", audiences: [orders]}}\nrules: [{name: all, require: {binding: [none]}}]\n`,
  );
  const time = Math.floor(NOW / 1000);
  const sign = (by: typeof signer) =>
    by.sign({ iss: server.issuer, aud: 'orders', sub: 'a', exp: time + 60 });
  const good = await run({ config: fetched, fetch: true, token: sign(signer) });
  t.is(good.exitCode, 0, good.text);
  t.notRegex(good.text, /note:/);
  const stranger = await run({ config: fetched, fetch: true, token: sign(createSigner('ES256')) });
  t.regex(stranger.text, /^denied: token_key_unknown/);
});

test('explain – finds a decision in a log by its ID', async (t) => {
  const log = file(
    'log',
    ['starting', line({ decision_id: 'b2', reason: 'token_missing' }), `pod ${line()}`, line()].join('\n'),
  );
  const steps: string[] = [];
  const onStep = (what: string, done: number) => steps.push(`${what}: ${done}`);
  t.regex((await explain({ config, log, id: 'a1', onStep }, false)).text, /^denied: no_rule/);
  t.deepEqual(steps.slice(0, 4), [
    ...['lines of the log: 1', 'lines of the log: 2', 'lines of the log: 3'],
    'trials of a configuration: 0',
  ]);
  t.regex((await explain({ config, log, id: 'b2' }, false)).text, /^denied: token_missing/);
  t.like(await explain({ config, log, id: 'c3' }, false), { exitCode: 2 });
});

test('explain – a line that does not fit this configuration gets a note instead of a change', async (t) => {
  const old = line({
    reason: 'scope_missing',
    rule: 'tenant',
    path: '/tenant/1',
    detail: 'missing: x',
    subject: 'a',
    issuer: 'https://login.example.com',
    token_kind: 'access-token',
  });
  const { text: report } = await explain({ config, line: old }, false);
  t.regex(report, /note: a request like this one ends in another way here/);
  t.notRegex(report, /^\+/m);
  t.regex(
    (await explain({ config, line: line({ rule: 'gone', reason: 'token_missing' }) }, false)).text,
    /no rule gone/,
  );
});

test('explain – wrong usage ends with 2 and names the option', async (t) => {
  const wrong: readonly (readonly [Partial<ExplainOptions>, RegExp])[] = [
    [{ host: undefined }, /--host/],
    [{ now: 'soon' }, /--now/],
    [{ format: 'xml' }, /--format/],
    [{ port: '99999' }, /--port/],
    [{ header: ['nonsense'] }, /--header/],
    [{ context: ['nonsense'] }, /--context/],
    [{ keys: ['nonsense'] }, /--keys/],
    [{ keys: [`nobody=${config}`] }, /--keys: the configuration has no issuer "nobody"/],
    [{ keys: [`login=${config}`] }, /--keys login/],
    [{ cert: `@${config}` }, /--cert/],
    [{ cert: '@/nowhere' }, /\/nowhere cannot be read \(ENOENT\)/],
    [{ curl: 'wget x' }, /--curl/],
    [{ check: config }, /--check/],
    [{ line: 'x' }, /--line/],
    [{ config: '/nowhere.yaml' }, /nowhere\.yaml:1: cannot be read/],
  ];
  for (const [options, words] of wrong) {
    const { exitCode, text: report } = await run(options);
    t.is(exitCode, 2, report);
    t.regex(report, words);
  }
  t.like(await explain({ config, line: 'x' }, false), { exitCode: 2 });
});

test('explain – a wrong configuration is told before the log is read', async (t) => {
  const wrong = file('wrong.yaml', 'rules: [{name: a}]');
  const { exitCode, text: report } = await explain({ config: wrong, log: '/nowhere' }, false);
  t.is(exitCode, 2);
  t.regex(report, /wrong\.yaml:1: rules\[0\]/);
});

test('explain – what was sent never reaches the terminal as more than text', async (t) => {
  const evil = '\u001b]0;x\u0007\u009b31m\r\n\u202e\u2028\ud800';
  const fields = {
    detail: evil,
    rule: evil,
    method: evil,
    host: evil,
    path: evil,
    subject: evil,
    spiffe_id: evil,
    client_id: evil,
    scopes: [evil],
    issuer: evil,
    kid: evil,
    decision_id: evil,
    destination: evil,
    config_version: evil,
  };
  const check = file(
    'check.json',
    JSON.stringify({
      attributes: {
        source: { principal: evil, certificate: evil },
        contextExtensions: { [evil]: evil },
        request: {
          http: {
            method: 'GET',
            host: 'orders.example.com',
            path: '/orders/7',
            headers: {
              [evil]: evil,
              authorization: `Bearer ${corp.sign(goodClaims({ ...claims, aud: evil, sub: evil }))}`,
            },
          },
        },
      },
    }),
  );
  const reports = [];
  for (const reason of [
    'no_rule',
    'token_audience_mismatch',
    'token_issuer_unknown',
    'client_not_registered',
    'claim_mismatch',
  ])
    for (const format of ['text', 'json'])
      reports.push(await explain({ config, format, line: line({ ...fields, reason }) }, false));
  for (const format of ['text', 'json']) reports.push(await explain({ config, format, check, now }, false));
  for (const { text: report, exitCode } of reports) {
    t.is(exitCode, 1);
    t.notRegex(report.replaceAll('\n', ''), /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    t.true(report.isWellFormed());
    if (report.startsWith('{')) t.notThrows(() => JSON.parse(report));
  }
});

test('explain – a huge line and a huge check take little time', async (t) => {
  const began = process.threadCpuUsage();
  const long = 'a/'.repeat(30_000);
  for (const field of ['detail', 'path', 'host', 'rule', 'subject'])
    await explain({ config, line: line({ [field]: long, reason: 'token_audience_mismatch' }) }, false);
  const headers = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`h${n}`, 'x'.repeat(50)]));
  const check = file(
    'huge.json',
    JSON.stringify({ attributes: { request: { http: { method: 'GET', host: 'a', path: '/', headers } } } }),
  );
  t.regex((await explain({ config, check }, false)).text, /request_too_large/);
  const { user, system } = process.threadCpuUsage(began);
  t.true(user + system < 5_000_000);
});
