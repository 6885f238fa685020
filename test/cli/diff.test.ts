import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { main } from '../../src/main.ts';
import { goodConfig } from '../support/config-problems.ts';

const binary = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
test.after.always(() => rmSync(directory, { recursive: true }));
const rule = (paths: string) =>
  goodConfig({ rules: `- {name: docs, match: {paths: [${paths}]}, public: true}` });
const narrow = join(directory, 'narrow.yaml');
const wide = join(directory, 'wide.yaml');
const bad = join(directory, 'bad.yaml');
writeFileSync(narrow, rule('/docs'));
writeFileSync(wide, rule('/docs, /more'));
writeFileSync(bad, 'rules: 7\n');

/** In this process, because a start takes longer than the comparison. */
async function run(args: readonly string[]) {
  const ended = { code: 0, out: '', error: '' };
  const { stdout, stderr } = process;
  const written = [stdout.write, stderr.write] as const;
  const collect = (stream: 'out' | 'error') => (text: string | Uint8Array) => {
    ended[stream] += String(text);
    return true;
  };
  [stdout.write, stderr.write] = [collect('out'), collect('error')];
  try {
    ended.code = await main(['diff', ...args]);
  } finally {
    [stdout.write, stderr.write] = written;
  }
  return ended;
}

const codes: Readonly<Record<string, readonly [code: number, ...args: string[]]>> = {
  'equal files': [0, wide, wide],
  'access that widens': [1, narrow, wide],
  'access that narrows': [0, wide, narrow],
  'access that narrows, with --fail-on any': [1, '--fail-on', 'any', wide, narrow],
  'access that widens, with --fail-on never': [0, '--fail-on', 'never', narrow, wide],
  'an invalid file': [2, bad, wide],
  'a missing file': [2, wide, join(directory, 'nowhere.yaml')],
  'one file': [2, wide],
  'an unknown format': [2, '--format', 'html', wide, wide],
  'a limit that is not a number': [2, '--limit', 'all', wide, wide],
};

for (const [what, [code, ...args]] of Object.entries(codes))
  test.serial(`diff – exit code ${code} for ${what}`, async (t) => {
    const { code: ended, out, error } = await run(args);
    t.is(ended, code, error);
    t.is(error === '', code !== 2);
    t.is(out === '', code === 2);
  });

test.serial('diff – reads one side from standard input', (t) => {
  const ended = spawnSync(process.execPath, [binary, 'diff', '-', wide], {
    input: rule('/docs'),
    encoding: 'utf8',
  });
  t.is(ended.status, 1, ended.stderr);
  t.regex(ended.stdout, /GET any\/more\n/);
});
