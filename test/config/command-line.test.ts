import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { goodConfig } from '../support/config-problems.ts';

const binary = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
test.after.always(() => rmSync(directory, { recursive: true }));
const closed = 'listen: {grpc: 127.0.0.1:9001, admin: "[::1]:9003"}';
writeFileSync(join(directory, 'good.yaml'), goodConfig({ more: closed }));
writeFileSync(join(directory, 'open.yaml'), goodConfig({ more: 'listen: {http: 0.0.0.0:9002}' }));
writeFileSync(
  join(directory, 'warned.yaml'),
  goodConfig({ more: closed, rules: '- {name: open, require: {binding: [none]}}' }),
);
writeFileSync(
  join(directory, 'bad.yaml'),
  `realm: 'a"b'
issuers: {corp: {issuer: http://login.example.com, audiences: []}}
rules:
- {name: a, require: {issuers: [nobody], binding: [magic]}}
`,
);

interface Ended {
  code: number | null;
  out: string;
  error: string;
}

function run(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [binary, ...args], { cwd: directory, timeout: 20_000 });
  const ended: Ended = { code: null, out: '', error: '' };
  child.stdout.on('data', (chunk) => {
    ended.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    ended.error += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...ended, code })));
}

test('validate – a valid file: exit code 0 and one line', async (t) => {
  t.deepEqual(await run('validate', '--config', 'good.yaml'), {
    code: 0,
    out: 'good.yaml: valid: 1 issuers, 1 rules\n',
    error: '',
  });
});

test('validate – a warning for each port that trusts every client, with a way to close it', async (t) => {
  const { code, out } = await run('validate', '--config', 'open.yaml');
  t.is(code, 0);
  t.deepEqual(out.split('\n'), [
    'open.yaml: warning: listen.grpc 0.0.0.0:9001 trusts every client that can reach it (plaintext): set grpc.tls.clientCaFile, or apply istio/peer-authentication.yaml and istio/network-policy.yaml, or listen on 127.0.0.1',
    'open.yaml: warning: listen.http 0.0.0.0:9002 trusts every client that can reach it (plaintext): set http.tls.clientCaFile, or apply istio/kyma/network-policy.yaml, or listen on 127.0.0.1',
    'open.yaml: warning: listen.admin 0.0.0.0:9003 shows metrics to every client that can reach it: apply istio/kyma/network-policy.yaml, or listen on 127.0.0.1',
    'open.yaml: valid: 1 issuers, 1 rules',
    '',
  ]);
});

test('validate – weaker choices are warnings, not errors', async (t) => {
  const { code, out } = await run('validate', '--config', 'warned.yaml');
  t.is(code, 0);
  t.regex(out, /^warned\.yaml: warning: rule open: binding none/);
});

test('validate – five mistakes: exit code 1 and five lines with file and line', async (t) => {
  const { code, out, error } = await run('validate', '--config', 'bad.yaml');
  t.is(code, 1);
  t.is(out, '');
  t.deepEqual(
    error
      .trimEnd()
      .split('\n')
      .map((line) => line.split(': ').slice(0, 2).join(': ')),
    [
      'bad.yaml:1: realm',
      'bad.yaml:2: issuers.corp.issuer',
      'bad.yaml:2: issuers.corp.audiences',
      'bad.yaml:4: rules[0].require.binding[0]',
      'bad.yaml:4: rules[0].require.issuers[0]',
    ],
  );
});

test('validate – no such file: exit code 1, and the name that was looked for', async (t) => {
  const named = await run('validate', '--config', 'none.yaml');
  t.is(named.code, 1);
  t.regex(named.error, /^none\.yaml:1: cannot be read \(ENOENT\)\n$/);
  t.regex((await run('validate')).error, /^peerproof\.yaml:1: cannot be read/);
});

const misuse: [string, string[]][] = [
  ['an unknown command', ['frobnicate']],
  ['a name that every object has', ['constructor']],
  ['an unknown flag', ['validate', '--file', 'good.yaml']],
  ['a flag without its value', ['validate', '--config']],
  ['an argument too many', ['validate', 'good.yaml']],
  ['an unknown flag of serve', ['serve', '--audiences', 'x']],
];
for (const [title, args] of misuse)
  test(`command line – ${title} is misuse: exit code 2 and the usage`, async (t) => {
    const { code, out, error } = await run(...args);
    t.is(code, 2);
    t.is(out, '');
    t.regex(error, /Exit codes: 0 success, 1 failure, 2 wrong usage/);
    t.notRegex(error, /\n\s+at .*\.[jt]s:/);
  });

test('command line – help is not misuse', async (t) => {
  for (const args of [[], ['help'], ['--help'], ['-h']]) {
    const { code, out } = await run(...args);
    t.is(code, 0);
    t.regex(out, /^ {2}validate {2}/m);
  }
});

test('serve – a configuration with problems does not start: exit code 1', async (t) => {
  const file = await run('serve', '--config', 'bad.yaml');
  t.is(file.code, 1);
  t.regex(file.error, /bad\.yaml:1: realm/);
  const flags = await run('serve', '--issuer', 'http://login.example.com', '--audience', 'orders');
  t.is(flags.code, 1);
  t.regex(flags.error, /must be https/);
});

test('command line – each command explains itself', async (t) => {
  for (const name of ['serve', 'inject', 'validate', 'migrate', 'demo']) {
    const { code, out } = await run(name, '--help');
    t.is(code, 0);
    t.regex(out, new RegExp(`peerproof ${name}\\b`));
  }
});
