import test from 'ava';
import { parseDocument, readPlainData } from '../../src/config/document.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { readApart } from '../../src/config/read-apart.ts';

/** A document of more than 256 KiB is read in a process of its own. */
const rule = (n: number) => `  - { name: rule-${n}, match: { paths: [/${n}/**] }, weight: 1.5, none: ~ }\n`;
const many = Array.from({ length: 6_000 }, (_, n) => rule(n)).join('');
const text = `# a comment\nrules:\n${many}`;
const problemsOf = (read: () => unknown) => {
  try {
    return read();
  } catch (error) {
    return error instanceof ConfigError ? error.problems : error;
  }
};

test('large documents – are the same data, and a problem has its line', (t) => {
  t.true(text.length > 262_144);
  const document = parseDocument(text, 'a.yaml');
  t.deepEqual(document.raw, readPlainData(text, 'a.yaml'));
  t.is(document.problem(['rules', 4_000, 'name'], 'x').line, 4_003);
});

for (const [title, wrong] of [
  ['a name that is written twice', 'rules:\n  - a\nrules:\n  - b\n'],
  ['text that is not YAML', 'rules: [\n'],
  ['a key that is a list', '[a, b]: c\n'],
  ['the key __proto__', '__proto__: {}\n'],
] as const)
  test(`large documents – ${title}: the same problems`, (t) => {
    const here = problemsOf(() => readPlainData(wrong, 'b.yaml'));
    t.true(Array.isArray(here));
    t.deepEqual(
      problemsOf(() => readApart(wrong, 'b.yaml')),
      here,
    );
  });

test('large documents – a document that is nested too deeply: a problem, and not a crash', (t) => {
  t.true(Array.isArray(problemsOf(() => readApart('['.repeat(500_000), 'b.yaml'))));
});

test('large documents – numbers that JSON does not have, and texts of any characters', (t) => {
  const odd = 'a: .nan\nb: .inf\nc: "\\u2028 \\0 é 🙂"\nd: !!binary aGVsbG8=\n';
  t.deepEqual(readApart(odd, 'c.yaml'), readPlainData(odd, 'c.yaml'));
});

test('large documents – equal parts are one object, so that the answer and what is made of it are small', (t) => {
  const raw = readApart('a: { b: [x, y] }\nc: { b: [x, y] }\nd: [x, y]\n', 'd.yaml') as Record<
    string,
    unknown
  >;
  t.deepEqual(raw, { a: { b: ['x', 'y'] }, c: { b: ['x', 'y'] }, d: ['x', 'y'] });
  t.is(raw.a, raw.c);
  t.is((raw.a as typeof raw).b, raw.d);
});
