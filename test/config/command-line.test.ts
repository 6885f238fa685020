import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadConfig } from '../../src/config/load.ts';
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
  join(directory, 'noted.yaml'),
  goodConfig({
    more: closed,
    rules:
      '- {name: site, public: true, match: {destinations: ["spiffe://cluster.local/site"]}}\n- name: rest',
  }),
);
writeFileSync(
  join(directory, 'same.yaml'),
  goodConfig({ more: 'listen: {grpc: 127.0.0.1:9001, admin: 127.0.0.1:9001}' }),
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
  return runWith('', ...args);
}

function runWith(input: string, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [binary, ...args], { cwd: directory, timeout: 60_000 });
  const ended: Ended = { code: null, out: '', error: '' };
  child.stdout.on('data', (chunk) => {
    ended.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    ended.error += chunk;
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...ended, code })));
}

test('validate – a valid file: exit code 0 and one line with the version that a server shows', async (t) => {
  const { version } = loadConfig(join(directory, 'good.yaml'));
  const good = { code: 0, out: `good.yaml: valid: 1 issuers, 1 rules, version ${version}\n`, error: '' };
  t.deepEqual(await run('validate', '--config', 'good.yaml'), good);
  t.deepEqual(await run('validate', '--config', 'good.yaml', '--strict'), good);
});

test('validate – standard input is a configuration too', async (t) => {
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  const good = await runWith(read('good.yaml'), 'validate', '--config', '-');
  t.is(good.code, 0);
  t.regex(good.out, /^stdin: valid: 1 issuers, 1 rules, version [0-9a-f]{12}\n$/);
  const bad = await runWith(read('bad.yaml'), 'validate', '--config', '-');
  t.is(bad.code, 1);
  t.regex(bad.error, /^stdin:1: realm: /);
});

test('validate – with --strict a warning makes the exit code 1, and a note does not', async (t) => {
  const { code, out } = await run('validate', '--strict', '--config', 'warned.yaml');
  t.is(code, 1);
  t.regex(out, /^warned\.yaml:11: warning: rules\[0\]\.require\.binding: rule open: .* \[binding-none\]$/m);
  const noted = await run('validate', '--strict', '--config', 'noted.yaml');
  t.is(noted.code, 0);
  t.regex(noted.out, /^noted\.yaml:\d+: note: .* \[public-catch-all\]$/m);
});

test('validate – errors come in the chosen format too', async (t) => {
  const json = await run('validate', '--config', 'bad.yaml', '--format', 'json');
  t.is(json.code, 1);
  t.is(json.error, '');
  t.like(JSON.parse(json.out), [
    { check: 'invalid', severity: 'error', file: 'bad.yaml', line: 1, key: 'realm' },
  ]);
  const github = await run('validate', '--config', 'none.yaml', '--format', 'github');
  t.is(github.code, 1);
  t.is(
    github.out,
    '::error file=none.yaml,line=1,title=invalid::cannot be read (ENOENT): there is no such file or folder\n',
  );
  const sarif = await run('validate', '--config', 'warned.yaml', '--format', 'sarif');
  t.is(sarif.code, 0);
  t.like(JSON.parse(sarif.out), { version: '2.1.0' });
});

test('validate – an unknown format is misuse: exit code 2, and the formats that exist', async (t) => {
  for (const format of ['xml', 'toString'])
    t.like(await run('validate', '--format', format), {
      code: 2,
      out: '',
      error: `--format must be one of text, json, github, sarif

  peerproof validate [--inject] [--config FILE] [--objects FILE] [--strict]
      [--allow-missing-files] [--format text|json|github|sarif]

peerproof validate --help shows more.
`,
    });
});

test('validate – two listeners with one port are an error: exit code 1', async (t) => {
  const { code, out, error } = await run('validate', '--config', 'same.yaml');
  t.is(code, 1);
  t.is(out, '');
  t.regex(error, /^same\.yaml:\d+: listen\.admin: has the port 9001 of listen\.grpc/);
});

test('validate – a warning for each port that trusts every client, with a way to close it', async (t) => {
  const { code, out } = await run('validate', '--config', 'open.yaml');
  t.is(code, 0);
  t.deepEqual(out.split('\n'), [
    'open.yaml:9: note: listen.http: a check here never has a peer, so the rule orders can allow none: set http.xfcc [peerless-door]',
    'open.yaml:9: warning: listen.grpc: 0.0.0.0:9001 trusts every client that can reach it (plaintext): set grpc.tls.clientCaFile, or apply the policies of kustomize/overlays/istio, or listen on 127.0.0.1 [open-port]',
    'open.yaml:9: warning: listen.http: 0.0.0.0:9002 trusts every client that can reach it (plaintext): set http.tls.clientCaFile, or apply the policies of kustomize/overlays/kyma, or listen on 127.0.0.1 [open-port]',
    'open.yaml:9: warning: listen.admin: 0.0.0.0:9003 shows metrics to every client that can reach it: apply kustomize/overlays/kyma/network-policy.yaml, or listen on 127.0.0.1 [open-port]',
    `open.yaml: valid: 1 issuers, 1 rules, version ${loadConfig(join(directory, 'open.yaml')).version}`,
    '',
  ]);
});

test('validate – weaker choices are warnings, not errors', async (t) => {
  const { code, out } = await run('validate', '--config', 'warned.yaml');
  t.is(code, 0);
  t.regex(out, /^warned\.yaml:11: warning: .* rule open: binding none/);
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
  t.regex(named.error, /^none\.yaml:1: cannot be read \(ENOENT\): there is no such file or folder\n$/);
  const missing = 'peerproof.yaml:1: cannot be read (ENOENT): there is no such file or folder';
  const next = '--config FILE names another file, and peerproof init writes a first configuration.';
  for (const command of ['validate', 'serve']) t.is((await run(command)).error, `${missing}\n${next}\n`);
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
    t.regex(error, /peerproof \w+ --help shows|peerproof COMMAND --help shows/);
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
