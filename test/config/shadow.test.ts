import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { type LoadedConfig, loadConfig, restoreConfig } from '../../src/config/load.ts';
import { ConfigError, problemLine } from '../../src/config/problem.ts';
import { goodConfig } from '../support/config-problems.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-shadow-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'peerproof.yaml');

/** Loads a configuration with this setting, and with this file beside it. */
function load(shadow: string, next?: string): LoadedConfig | readonly string[] {
  writeFileSync(file, goodConfig({ more: `shadow: ${shadow}` }));
  rmSync(join(folder, 'next.yaml'), { force: true });
  if (next !== undefined) writeFileSync(join(folder, 'next.yaml'), next);
  try {
    return loadConfig(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => problemLine(problem).replace(`${folder}/`, ''));
  }
}

const loaded = (shadow: string, next: string): LoadedConfig => {
  const found = load(shadow, next);
  if (!('config' in found)) throw new TypeError(found.join('\n'));
  return found;
};

test('shadow – is loaded with the configuration, and its files are watched', (t) => {
  writeFileSync(join(folder, 'corp.jwks'), 'x');
  const found = loaded('{file: next.yaml}', goodConfig({ rules: '- name: other' }));
  t.is(found.shadow?.config.rules[0]?.name, 'other');
  t.is(found.config.shadow?.share, 1);
  t.deepEqual(
    found.watched.map((path) => basename(path)),
    ['next.yaml'],
  );
});

test('shadow – a worker restores it without reading files', (t) => {
  const found = loaded('{file: next.yaml, share: 0.1}', goodConfig({ rules: '- name: other' }));
  rmSync(join(folder, 'next.yaml'));
  const again = restoreConfig(found);
  t.is(again.shadow?.config.rules[0]?.name, 'other');
  t.is(again.version, found.version);
});

test('shadow – the version changes with its values, and not with a comment', (t) => {
  const version = (next: string) => loaded('{file: next.yaml}', next).version;
  t.is(version(goodConfig()), version(`# a comment\n${goodConfig()}`));
  t.not(version(goodConfig()), version(goodConfig({ rules: '- name: other' })));
});

const mistakes: [string, string, string | undefined, RegExp][] = [
  [
    'a file that is not there',
    '{file: next.yaml}',
    undefined,
    /^peerproof\.yaml:\d+: shadow\.file: next\.yaml cannot be read \(ENOENT\): there is no such file or folder$/,
  ],
  [
    'a file in another folder',
    '{file: ../next.yaml}',
    undefined,
    /shadow\.file: must be the name of a file in the folder/,
  ],
  [
    'an error in its file',
    '{file: next.yaml}',
    'rules: [{name: a, requires: {}}]',
    /^next\.yaml:1: rules\[0\]\.requires: is not a setting/,
  ],
  ['a file that is not YAML', '{file: next.yaml}', 'a: [', /^next\.yaml:1: is not YAML/],
  [
    'a shadow of the shadow',
    '{file: next.yaml}',
    goodConfig({ more: 'shadow: {file: next.yaml}' }),
    /^next\.yaml:\d+: shadow: cannot be in a shadow itself/,
  ],
  ['no share', '{file: next.yaml, share: 0}', goodConfig(), /shadow\.share: must be more than 0/],
];
for (const [title, shadow, next, message] of mistakes)
  test(`shadow – a configuration with ${title} is refused`, (t) => {
    const problems = load(shadow, next);
    t.true(Array.isArray(problems));
    t.true(
      (problems as readonly string[]).some((line) => message.test(line)),
      (problems as readonly string[]).join('\n'),
    );
  });
