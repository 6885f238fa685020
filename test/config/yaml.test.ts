import test from 'ava';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

test('YAML – a key that stands twice is a problem, at its second line (YAML 1.2 §3.2.1.3)', (t) => {
  const problems = problemsOf(goodConfig({ more: 'realm: one\nrealm: two' }));
  t.is(problems.length, 1);
  t.regex(problems[0]?.message ?? '', /is not YAML: .*unique/);
  t.is(problems[0]?.line, 10);
});

test('YAML – a nested duplicate is refused too: a second issuer cannot hide the first', (t) => {
  const problems = problemsOf(goodConfig({ issuer: '    audiences: [admin]' }));
  t.regex(problems[0]?.message ?? '', /unique/);
});

test('YAML – what is not YAML is told with its line', (t) => {
  const problems = problemsOf('issuers:\n  corp: {issuer: [\nrules: x\n');
  t.true(problems.length > 0);
  for (const { message, line } of problems) {
    t.regex(message, /^is not YAML: /);
    t.true(line >= 1 && line <= 4);
  }
});

test('YAML – two documents in a file are a problem', (t) => {
  t.regex(problemsOf(`${goodConfig()}---\n${goodConfig()}`)[0]?.message ?? '', /not YAML/);
});

test('YAML – an anchor may be used where it helps', (t) => {
  const rules = `- name: a
  require: &strict {binding: [certificate]}
- name: b
  match: {paths: [/b]}
  require: *strict`;
  t.deepEqual(problemsOf(goodConfig({ rules })), []);
});

test('YAML – an alias without an anchor is a problem and no crash', (t) => {
  const problems = problemsOf(goodConfig({ more: 'realm: *nobody' }));
  t.is(problems.length, 1);
  t.regex(problems[0]?.message ?? '', /nobody/);
});

test('YAML – a bomb of aliases is a problem and no crash, and is told at once', (t) => {
  const level = (name: string, below: string) =>
    `${name}: &${name} [${Array(10).fill(`*${below}`).join(', ')}]`;
  const names = [...'abcdefghij'];
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...names.slice(1).map((name, index) => level(name, names[index] ?? '')),
  ].join('\n');
  const began = process.threadCpuUsage();
  const problems = problemsOf(`${bomb}\n${goodConfig()}`);
  const { user, system } = process.threadCpuUsage(began);
  // A bomb that goes off takes minutes, or all memory.
  t.true(user + system < 4_000_000, `${user + system} µs of processor time`);
  t.true(problems.length > 0);
});

test('YAML – an alias of itself is a problem and no crash', (t) => {
  const problems = problemsOf(`rules: &a\n- *a\n`);
  t.true(problems.length > 0);
});

test('YAML – __proto__ is a key like any other, and no setting', (t) => {
  const problems = problemsOf(goodConfig({ more: '__proto__: {realm: x}' }));
  t.true(problems.length > 0);
  t.is(({} as Record<string, unknown>).realm, undefined);
});

test('YAML – merge keys and tags add nothing', (t) => {
  t.true(problemsOf(goodConfig({ more: '<<: {realm: x}' })).length > 0);
  t.true(problemsOf(goodConfig({ more: 'realm: !!binary aGFjaw==' })).length > 0);
});

test('YAML – JSON is YAML', (t) => {
  const json = JSON.stringify({
    issuers: { corp: { issuer: 'https://a.example', audiences: ['x'] } },
    rules: [{ name: 'a' }],
  });
  t.deepEqual(problemsOf(json), []);
});
