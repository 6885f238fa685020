import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { type LoadedConfig, parseConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { checks } from '../../src/lint/checks.ts';
import { lint } from '../../src/lint/lint.ts';
import { documents, folderOfFiles } from '../hostile/fuzz/config-base.ts';
import { mutatedJson } from '../hostile/fuzz/mutate-json.ts';
import { configOf, lintOf, shortly } from './world.ts';

const file = join(folderOfFiles(), 'peerproof.yaml');
test.after.always(() => rmSync(dirname(file), { recursive: true, force: true }));

test('lint – whatever is a valid configuration can be linted, and each finding has its place', (t) => {
  let linted = 0;
  const texts = mutatedJson(fc.constantFrom(...documents)).map((document) => stringify(document ?? null));
  fc.assert(
    fc.property(texts, (text) => {
      const loaded = load(text);
      if (!loaded) return;
      linted++;
      const lines = text.split('\n').length;
      for (const { file: named, line, check, message } of lint(loaded)) {
        t.is(named, file);
        t.true(Number.isInteger(line) && line >= 1 && line <= lines);
        t.true(Object.hasOwn(checks, check));
        t.true(message.length > 0 && !/undefined|\[object/.test(message), message);
      }
    }),
    { numRuns: 25, seed: 4711 },
  );
  t.true(linted > 2, `${linted}`);
});

function load(text: string): LoadedConfig | undefined {
  try {
    return parseConfig(text, file);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

const many = 4_000;
for (const [title, rule, first] of [
  [
    'different rules',
    (at: number) => `{name: r${at}, match: {paths: ["/a${at}/**"], methods: [GET, PUT]}}`,
    '',
  ],
  [
    'rules whose samples an earlier rule takes',
    (at: number) => `{name: r${at}, match: {paths: ["/**/b/x${at}"]}}`,
    Array.from(
      { length: 50 },
      (_, at) => `{name: f${at}, match: {paths: ["/**/${'*/'.repeat(at)}b/*"], ports: [7]}}, `,
    ).join(''),
  ],
  [
    'rules of many parts',
    (at: number) =>
      `{name: r${at}, match: {paths: [/a, /b${at}, /c], methods: [A, B, C], ports: [1, 2, 3], hosts: [a, b, c]}}`,
    '',
  ],
] as const)
  test(`lint – thousands of rules take seconds: ${title}`, (t) => {
    const rules = first + Array.from({ length: many }, (_, at) => rule(at)).join(', ');
    const loaded = parseConfig(configOf({ rules }), 'peerproof.yaml');
    const began = process.threadCpuUsage();
    const findings = lint(loaded);
    const { user, system } = process.threadCpuUsage(began);
    // Comparing each rule with each other one takes a minute.
    t.true(user + system < 8_000_000, `${user + system} µs of processor time`);
    t.true(findings.length <= 1_100);
  });

test('lint – what is not compared is said', (t) => {
  const list = (of: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${of}${at}`).join(', ');
  const rules = `{name: a, match: {paths: [/a]}}, {name: b, match: {paths: [${list('/p', 20)}], hosts: [${list('h', 20)}]}}`;
  const found = lintOf({ rules });
  t.deepEqual(shortly(found), ['note unreachable-rule rules[1].name']);
  t.regex(found[0]?.message ?? '', /^the rule b was not compared with the rules before it/);
});

test('lint – of many equal findings, the last one says how many are left out', (t) => {
  const rules = Array.from({ length: 1_500 }, (_, at) => `{name: r${at}, match: {paths: [/a]}}`).join(', ');
  const found = lintOf({ rules });
  t.is(found.length, 1_000);
  t.regex(found.at(-1)?.message ?? '', /\(499 more like this are left out\)$/);
});

const opened = (...lines: readonly string[]) =>
  lint(
    parseConfig(
      `${lines.join('\n')}\nissuers: {corp: {issuer: https://login.example.com, audiences: [a]}}\nrules: [{name: a}]\n`,
      'peerproof.yaml',
    ),
  );
const port = 'listen: {grpc: 0.0.0.0:9001, admin: 127.0.0.1:9003}';

for (const [title, lines, expected] of [
  ['no comment', [port], ['warning open-port listen.grpc']],
  ['its own line', [`${port} # lint: ignore open-port: the mesh protects it`], []],
  ['the next line', ['# lint: ignore open-port: the mesh protects it', port], []],
  ['the next line that is not a comment', ['#lint:ignore open-port: why', '', '  # more', port], []],
  ['several checks', ['# lint: ignore binding-none, open-port: why', port], []],
  [
    'a line further away',
    ['# lint: ignore open-port: why', 'realm: a', port],
    ['warning open-port listen.grpc'],
  ],
  ['another check', ['# lint: ignore binding-none: why', port], ['warning open-port listen.grpc']],
  [
    'no reason',
    [`${port} # lint: ignore open-port`],
    ['warning open-port listen.grpc', 'warning wrong-ignore '],
  ],
  [
    'a check that does not exist',
    [`${port} # lint: ignore openport: why`],
    ['warning open-port listen.grpc', 'warning wrong-ignore '],
  ],
  ['part of a word', [`${port} # xlint: ignore open-port: why`], ['warning open-port listen.grpc']],
  [
    'an error',
    ['listen: {grpc: 127.0.0.1:9001, admin: 127.0.0.1:9001} # lint: ignore same-port: why'],
    ['error same-port listen.admin'],
  ],
] as const)
  test(`ignore comment – ${title}`, (t) => {
    t.deepEqual(shortly(opened(...lines)), expected);
  });

test('ignore comment – a misspelled check is recognized, with its line', (t) => {
  const [, wrong] = opened('realm: a', `${port} # lint: ignore opn-port: why`);
  t.like(wrong, { line: 2, message: 'there is no check "opn-port"; did you mean "open-port"?' });
});

test('ignore comment – a port that is not written can be ignored in the first line', (t) => {
  t.deepEqual(shortly(opened('# lint: ignore open-port: the NetworkPolicy closes it')), []);
});

test('lint – a shadow is linted too, in its own file and without its ports', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-lint-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const text = configOf({ more: 'shadow: {file: next.yaml}' });
  writeFileSync(
    join(folder, 'next.yaml'),
    configOf({ listen: '{grpc: 0.0.0.0:1, admin: 0.0.0.0:1}', rules: '{name: a, require: {scopes: [a b]}}' }),
  );
  const found = lint(parseConfig(text, join(folder, 'peerproof.yaml')));
  t.deepEqual(shortly(found), ['warning scope-with-space rules[0].require.scopes[0]']);
  t.is(found[0]?.file, join(folder, 'next.yaml'));
});
