import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { runProgram } from './program.ts';

function emptyFolder(t: { teardown(end: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const flags = ['--issuer', 'https://login.example.com', '--audience', 'orders'];

test('init – writes a configuration and its schema, which validate --strict accepts', async (t) => {
  const folder = emptyFolder(t);
  t.deepEqual(await runProgram(folder, ['init', 'nginx', ...flags]), {
    code: 0,
    out: 'wrote peerproof.yaml and peerproof.schema.json\nnext: peerproof validate --strict\n',
    error: '',
  });
  t.is((await runProgram(folder, ['validate', '--strict'])).code, 0);
  const published = readFileSync(new URL('../../peerproof.schema.json', import.meta.url), 'utf8');
  t.is(readFileSync(join(folder, 'peerproof.schema.json'), 'utf8'), published);
});

test('init – never replaces a file', async (t) => {
  const folder = emptyFolder(t);
  writeFileSync(join(folder, 'peerproof.yaml'), 'mine');
  writeFileSync(join(folder, 'peerproof.schema.json'), 'mine too');
  const { code, error } = await runProgram(folder, ['init', 'envoy', ...flags]);
  t.is(code, 1);
  t.is(error, 'peerproof.yaml: exists already, and is not replaced: name another file with --output\n');
  t.is(readFileSync(join(folder, 'peerproof.yaml'), 'utf8'), 'mine');
  t.deepEqual(await runProgram(folder, ['init', 'envoy', ...flags, '--output', 'other.yaml']), {
    code: 0,
    out: 'wrote other.yaml\nnext: peerproof validate --strict --config other.yaml\n',
    error: '',
  });
  t.is(readFileSync(join(folder, 'peerproof.schema.json'), 'utf8'), 'mine too');
});

test('init – --output - goes into validate without a file', async (t) => {
  const folder = emptyFolder(t);
  const written = await runProgram(folder, ['init', 'kyma', ...flags, '--output', '-']);
  t.is(written.code, 0);
  const { code, out } = await runProgram(folder, ['validate', '--strict', '--config', '-'], written.out);
  t.is(code, 0, out);
});

for (const [title, args, code, said] of [
  [
    'a proxy that is misspelled',
    ['ngnix', ...flags],
    2,
    /^the proxy must be one of .*; did you mean "nginx"\?\n/,
  ],
  [
    'an answer without a terminal',
    ['envoy'],
    2,
    /^name the proxy, --issuer and --audience: there is no terminal/,
  ],
  [
    'an issuer over http',
    ['envoy', '--issuer', 'http://a.example', '--audience', 'a'],
    1,
    /^command line: --issuer: must be https/,
  ],
  [
    'a workload outside of a mesh',
    ['envoy', ...flags, '--workload', 'spiffe://a/b'],
    2,
    /^--workload is for istio and kyma/,
  ],
  [
    'a folder that does not exist',
    ['envoy', ...flags, '--output', 'no/a.yaml'],
    1,
    /^no\/a\.yaml: cannot be used \(ENOENT\): there is no such file or folder\n$/,
  ],
] as const)
  test(`init – says what is wrong with ${title}`, async (t) => {
    const ended = await runProgram(emptyFolder(t), ['init', ...args]);
    t.is(ended.code, code);
    t.is(ended.out, '');
    t.regex(ended.error, said);
  });
