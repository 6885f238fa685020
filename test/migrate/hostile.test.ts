import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { migrateOauth2Proxy } from '../../src/migrate/command.ts';
import { targetNames } from '../../src/migrate/target.ts';
import { least } from './migrated.ts';

/** Settings that somebody wrote to hurt who migrates them: each is refused by name, and in a short time. */

const temporary = mkdtempSync(join(tmpdir(), 'peerproof-hostile-'));
test.after.always(() => rmSync(temporary, { recursive: true }));
let count = 0;

function written(text: string): string {
  const file = join(temporary, `${++count}.in`);
  writeFileSync(file, text);
  return file;
}

function migrate(own: readonly string[], flags: readonly string[] = least, name = 'kyma') {
  return migrateOauth2Proxy(['--for', name, '--out', 'x', ...own, '--', ...flags], {});
}

const many = (entry: (index: number) => string, separator = '\n') =>
  Array.from({ length: 2_000 }, (_, index) => entry(index)).join(separator);

const values: readonly [title: string, text: string, says: RegExp][] = [
  [
    'aliases of aliases',
    `a: &a [x,x]\n${[...'bcdefgh'].map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(9)}]`).join('\n')}\nextraArgs: *h\n`,
    /must be YAML/,
  ],
  ['an unknown alias', 'extraArgs: *nobody', /must be YAML/],
  ['100,000 open brackets', `a: ${'['.repeat(100_000)}`, /must be YAML/],
  ['10 MB', 'a'.repeat(10_000_000), /is larger than 128 KiB/],
  ['2,000 unknown values', many((index) => `x${index}: 1`), /has more than 1000 entries/],
  ['2,000 arguments', `extraArgs:\n${many((index) => `- --x${index}`)}`, /the flags: has more than 1000/],
  ['2,000 options', `extraArgs:\n${many((index) => `  x${index}: {}`)}`, /extraArgs: has more than 1000/],
  ['2,000 variables', `extraEnv:\n${many(() => '- {name: A}')}`, /extraEnv: has more than 1000 entries/],
  [
    'a key called __proto__',
    '__proto__: {config: {clientID: x}}',
    /… is not a value of the oauth2-proxy chart/,
  ],
];
for (const [title, text, says] of values)
  test(`migrate – values with ${title} are refused by name`, (t) => {
    const { folder, exitCode, report } = migrate(['--values', written(text)]);
    t.is(folder, undefined);
    t.is(exitCode, 1);
    t.regex(report.join('\n'), says);
    t.true(report.join('\n').length < 2_000, 'the report stays short');
  });

const files: readonly [title: string, text: string, says: RegExp][] = [
  ['100,000 open brackets', `a = ${'['.repeat(100_000)}`, /is not TOML/],
  ['2,000 keys', many((index) => `x${index} = 1`), /has more than 1000 entries/],
  [
    '2,000 routes',
    `skip_auth_routes = [${many((index) => `"^/${index}$"`, ',')}]`,
    /--skip-auth-route: has more than 1000 entries/,
  ],
  [
    'a pattern that takes long',
    `skip_auth_routes = ["${'(a|a)*'.repeat(2_000)}b"]`,
    /--skip-auth-route: is longer than 8192 characters/,
  ],
];
for (const [title, text, says] of files)
  test(`migrate – a configuration file with ${title} is refused by name`, (t) => {
    const { folder, report } = migrate(['--cfg', written(text)]);
    t.is(folder, undefined);
    t.regex(report.join('\n'), says);
  });

test('migrate – a device without an end is not read to its end', (t) => {
  t.regex(migrate(['--values', '/dev/zero']).report.join('\n'), /\/dev\/zero is larger than 128 KiB/);
});

for (const [title, text] of [
  ['a line end', 'a\n---\nkind: Pod'],
  ['a line end of Kubernetes (U+2028)', 'a\u2028---\u2028kind: Pod'],
  ['a line end of YAML 1.1 (U+0085)', 'a\u0085---\u0085kind: Pod'],
  ['an escape', 'a\u001b[2J'],
  ['a NUL', 'a\u0000b'],
] as const)
  for (const option of ['client-id', 'allowed-group', 'oidc-issuer-url', 'email-domain'])
    test(`migrate – --${option} with ${title} is refused by name`, (t) => {
      const { folder, report } = migrate([], [...least, `--${option}=${text}`]);
      t.is(folder, undefined);
      t.regex(report.join('\n'), new RegExp(`^error: --${option}: `, 'm'));
      t.notRegex(report.join('\n'), /kind: Pod/);
    });

for (const name of targetNames)
  test(`migrate --for ${name} – texts for a template, a shell or YAML stay the texts that they are`, (t) => {
    const odd = `{{ .Values.x }} $(id) \`id\` ' " # : - & * ! | > %`;
    const { folder } = migrate(
      [],
      [...least, `--client-id=${odd}`, `--allowed-group=${odd.replace('"', '')}`],
      name,
    );
    t.truthy(folder);
    for (const { path, text } of folder?.files ?? []) {
      if (path.endsWith('.md')) t.false(text.includes('$(id)'), path);
      if (path.endsWith('.yaml'))
        for (const document of parseAllDocuments(text)) t.deepEqual(document.errors, [], path);
    }
    const settings = parseAllDocuments(folder?.files[0]?.text ?? '').map((one) => one.toJS());
    t.deepEqual(settings[0].issuers.default.audiences, [odd]);
  });

test('migrate – no file is outside of the folder', (t) => {
  for (const name of targetNames)
    for (const { path } of migrate([], least, name).folder?.files ?? [])
      t.regex(path, /^(?:[a-z0-9][a-z0-9-]*\/){0,2}[A-Za-z0-9][A-Za-z0-9-]*\.(?:md|yaml|conf)$/);
});
