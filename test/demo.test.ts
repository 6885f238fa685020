import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import type { Answered, Headers } from '../demo/asker.ts';
import { type Case, chapters } from '../demo/cases.ts';
import { type Asking, judge } from '../demo/judge.ts';
import { demo } from '../demo/main.ts';
import { createWorkloads } from '../demo/workloads.ts';
import { envoyUnavailableReason, findEnvoy } from './support/envoy-binary.ts';
import { createSigner } from './support/jwt-signer.ts';
import { type RunningProcess, startProcess } from './support/processes.ts';
import { waitFor } from './support/wait.ts';

const hasEnvoy = (await findEnvoy()) !== undefined;
if (!hasEnvoy)
  console.warn(`SKIPPED: the demo through Envoy, which is not here: ${envoyUnavailableReason()}`);

const cases = chapters.flatMap((chapter) => chapter.cases);
const program = fileURLToPath(new URL('../bin/peerproof.js', import.meta.url));
const withoutEnvoy = { ENVOY_BIN: '/nonexistent/envoy', CI: 'false' };

function start(args: readonly string[], env: NodeJS.ProcessEnv, ready?: string): Promise<RunningProcess> {
  const { FORCE_COLOR: _, ...own } = process.env;
  return startProcess({
    name: 'demo',
    command: process.execPath,
    args: [program, 'demo', ...args],
    env: { ...own, NO_COLOR: '1', ...env },
    ...(ready !== undefined && { ready: (child) => child.stdout().includes(ready) }),
    readyWithinMs: 30_000,
  });
}

for (const [how, env, closing] of [
  ...(hasEnvoy ? [['through Envoy', {}, 'in both ways, through Envoy 1.40.0'] as const] : []),
  ['over gRPC where there is no Envoy', withoutEnvoy, 'in both ways, over gRPC, WITHOUT Envoy'] as const,
])
  test(`demo – each answer is the expected one, ${how}`, async (t) => {
    const child = await start([], env);
    const { code } = await child.ended;
    const lines = child.stdout().split('\n');
    t.is(code, 0, child.stdout());
    t.is(child.stderr(), '');
    t.is(child.stdout(), stripVTControlCharacters(child.stdout()));
    for (const [at, one] of cases.entries()) {
      const { status, reason } = one.expect;
      const row =
        lines.find((line) => line.startsWith(` ✓ ${String(at + 1).padStart(2)}  ${one.who} `)) ?? '';
      t.true(row.includes(`${one.method} ${one.path}`) && row.includes(one.sends), one.why);
      t.regex(row, new RegExp(`  ${status} +${status} +${reason}(, by \\w+)?$`), one.why);
    }
    t.true(child.stdout().includes(`✓ ${cases.length} of ${cases.length} as expected, ${closing}`));
    t.deepEqual(
      lines.filter((line) => line.length > 120),
      [],
    );
  });

test('demo – --keep leaves it running until it is interrupted, and then nothing is left', async (t) => {
  const child = await start(['--keep'], {}, 'peerproof_decisions_total');
  const text = child.stdout();
  const folder = /^ {2}cd (.+)$/m.exec(text)?.[1] ?? '';
  for (const file of ['peerproof.yaml', 'ca.pem', 'oauthclient.key', 'bound.token', 'client.secret'])
    t.true(existsSync(`${folder}/${file}`), file);
  const metrics = /http:\S+\/metrics/.exec(text)?.[0] ?? '';
  t.regex(
    await (await fetch(metrics)).text(),
    /peerproof_decisions_total\{effect="allow",reason="allowed",rule="orders\/read",door="grpc"\} 8/,
  );
  const file = join(folder, 'peerproof.yaml');
  const edit = (from: string, to: string, says: RegExp) => {
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
    return waitFor('the edited file to count', 10_000, () => says.test(child.stdout()));
  };
  await edit('public: true', 'publik: true', /peerproof\.yaml: configuration refused: .*\n.*:\d+: .*publik/);
  // The configuration is another one than before, so that the log has a line.
  const mended = 'public: true\n      - name: more\n        match: {paths: [/more]}';
  await edit('publik: true', mended, /peerproof\.yaml: configuration loaded$/m);
  child.signal('SIGINT');
  t.deepEqual(await child.ended, { code: 0, signal: null });
  t.false(existsSync(folder));
  await t.throwsAsync(fetch(metrics));
});

test('demo – a wrong expectation is marked and explained, and fails the demo', async (t) => {
  const [right, stolen] = cases as [Case, Case];
  const printed: string[] = [];
  const code = await demo({
    chapters: [
      {
        title: 'Wrong',
        cases: [
          right,
          { ...right, expect: { status: 401, reason: 'token_expired' } },
          { ...right, expect: { ...right.expect, boundBy: 'workload' } },
          { ...stolen, expect: right.expect },
        ],
      },
    ],
    keep: false,
    print: (text) => printed.push(stripVTControlCharacters(text)),
    interrupted: new Promise(() => {}),
  });
  const text = printed.join('\n').replace(/\s+/g, ' ');
  t.is(code, 1);
  for (const way of ['PEM', 'XFCC'])
    for (const difference of [
      'the answer is 200, not 401',
      'the request reached the application',
      'the reason is allowed, not token_expired',
      'bound by certificate, not nothing',
      'bound by certificate, not workload',
      'the answer is 401, not 200',
      'the request did not reach the application',
      'the application misses x-auth-request-user: oauthclient',
    ])
      t.true(text.includes(`DIFFERS (${way}): ${difference}`), difference);
  t.regex(text, /the reason is binding_certificate_mismatch \(.*thumbprint.*\), not allowed/);
  t.regex(text, /✓ 1 .*✗ 2 .*✗ 3 .*✗ 4 .*✗ 3 of 4 DIFFER/);
});

test('demo – an interruption ends it early', async (t) => {
  const code = await demo({ chapters, keep: true, print: () => {}, interrupted: Promise.resolve() });
  t.is(code, 130);
});

test('demo – headers at the application are compared to the last one, in every spelling', async (t) => {
  const [right, stolen] = cases as [Case, Case];
  const workloads = await createWorkloads();
  const { oauthclient, orders } = workloads;
  const claims = {
    iss: 'https://i.test',
    sub: 'oauthclient',
    client_id: 'oauthclient',
    scope: 'orders.read',
  };
  const bound = createSigner('ES256').sign(claims);
  const proven: Headers = [
    ['host', 'app.test'],
    ['x-auth-request-user', 'oauthclient'],
    ['x-auth-request-client-id', 'oauthclient'],
    ['x-auth-request-scope', 'orders.read'],
    ['x-auth-request-issuer', 'https://i.test'],
    ['x-spiffe-id', oauthclient.id],
    [
      'x-forwarded-client-cert',
      `By=${orders.id};Hash=${oauthclient.sha256Hex};Subject="";URI=${oauthclient.id}`,
    ],
  ];
  const differences = async (one: Case, answered: Partial<Answered>, logged: object | undefined) => {
    const asking = {
      tokens: { bound },
      workloads,
      asker: { ask: async () => ({ status: one.expect.status, decisionId: '1', ...answered }) },
      log: { find: () => logged },
    } as unknown as Asking;
    const [finding] = await judge(one, asking);
    return finding?.differences;
  };
  const allowed = { reason: 'allowed', bound_by: 'certificate', peer_from: 'attribute' };
  const arrives = (reached: Headers, logged: object | undefined = allowed) =>
    differences(right, { reached }, logged);

  t.deepEqual(await arrives(proven), []);
  for (const name of ['x_auth_request_user', 'X-Auth_Request-User', 'x-auth-request-email', 'x_client-cert'])
    t.deepEqual(await arrives([...proven, [name, 'admin']]), [`the application received ${name}: admin`]);
  t.deepEqual(await arrives([...proven, ['x-auth-request-user', 'oauthclient']]), ['a header arrived twice']);
  t.deepEqual(await arrives(proven.slice(0, -1)), [`the application misses ${proven.at(-1)?.join(': ')}`]);
  t.deepEqual(await differences(right, { reached: proven }, undefined), [
    'the decision log has no line for this answer',
  ]);
  t.deepEqual(await arrives(proven, { ...allowed, peer_from: 'xfcc', spiffe_id: 'spiffe://x/y' }), [
    'the peer is taken for spiffe://x/y',
    'the peer was read from xfcc, not attribute',
  ]);
  t.deepEqual(await differences(stolen, { reached: [] }, { reason: stolen.expect.reason }), [
    'the request reached the application',
  ]);
});
