import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { problemsOf } from '../support/config-problems.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-named-'));
test.after.always(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'large.pem'), ' '.repeat(1_048_577));

for (const [what, file, why] of [
  ['too large', join(folder, 'large.pem'), /large\.pem is larger than 1048576 bytes$/],
  ['a folder', folder, /cannot be read \(EISDIR\): it is a folder$/],
  ['without an end', '/dev/zero', /^\/dev\/zero is not a regular file$/],
  ['missing', join(folder, 'absent.pem'), /cannot be read \(ENOENT\): there is no such file or folder$/],
] as const)
  test(`named file – one that is ${what} is refused by its name, at the setting`, (t) => {
    const settings: readonly (readonly [string, string])[] = [
      ['peers.trustDomains.a.example.bundle', `peers: {trustDomains: {a.example: {bundle: ${file}}}}`],
      ['telemetry.caFile', `telemetry: {endpoint: "https://a.example", metrics: {}, caFile: ${file}}`],
    ];
    for (const [key, setting] of settings) {
      const problems = problemsOf(`${setting}\nrules: [{name: all, public: true}]\n`);
      t.deepEqual(
        problems.map((problem) => problem.key),
        [key],
      );
      t.regex(problems[0]?.message ?? '', why);
    }
  });
