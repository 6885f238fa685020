import test from 'ava';
import { problemsOf } from '../support/config-problems.ts';

/** A broken text, the line of the mistake, and what is said about it. */
const broken: [title: string, text: string, line: number, said: RegExp][] = [
  ['a tab', 'rules:\n- name: a\n\tmatch: {}\n', 3, /a tab stands in the indentation: use spaces/],
  ['a tab after spaces', 'rules:\n- name: a\n  \tmatch: {}\n', 3, /a tab/],
  ['a tab and CRLF', 'rules:\r\n\t- name: a\r\n', 2, /a tab/],
  ['a missing space after a colon', 'realm:peerproof\nrules: []\n', 1, /write realm: peerproof/],
  ['a missing space after the last colon', 'rules: []\nrealm:x\n', 2, /after the colon: write realm: x/],
  [
    'a missing space before a path',
    'http:\n  pathPrefix:/check\n  xfcc: none\n',
    2,
    /write pathPrefix: \/check/,
  ],
  ['a missing space in an entry', 'rules:\n- name:a\n  match: {}\n', 2, /after the colon: write name: a/],
  ['a missing space after a hyphen', 'rules:\n-name: a\n-name: b\n', 3, /after the hyphen: write - name/],
  [
    '* in a list',
    'rules:\n- {name: a, match: {hosts: [*.example.com]}}\n',
    2,
    /put it in quotes, "\*\.example\.com"/,
  ],
  [
    '* in lines',
    'rules:\n- match:\n    hosts:\n    - *.example.com\n',
    4,
    /begins with \*.*put it in quotes/,
  ],
  ['** alone', 'a:\n  - **\n', 2, /begins with \*.*quotes, "\*\*"/],
  ['* alone', 'a: b\nrealm: *\n', 2, /begins with \* is an alias of YAML: put it in quotes/],
  ['& alone', 'realm: &\n', 1, /begins with & is an anchor of YAML: put it in quotes/],
  ['@', 'a: b\nrealm: @x\n', 2, /cannot begin with @: put it in quotes/],
  ['a backtick', 'realm: `x`\n', 1, /cannot begin with `: put it in quotes/],
  ['%', 'realm: %x\n', 1, /cannot begin with %: put it in quotes/],
  [
    'a template as a value',
    'a: b\nrealm: {{ .Values.realm }}\n',
    2,
    /a template, \{\{ … \}\}: render it first/,
  ],
  ['a template as a line', '{{- if .x }}\nrealm: x\n{{- end }}\n', 1, /a template/],
  ['a key twice', 'realm: a\nhosts: {}\nrealm: b\n', 3, /the key realm stands twice/],
  ['a key twice in a line', 'issuers: {a: {}, a: {}}\n', 1, /the key a stands twice/],
  ['a line too deep', 'rules:\n- name: a\n   match: {}\n', 3, /indented further than the key above it/],
  ['a line too deep in a mapping', 'a:\n  b: x\n    c: y\n', 3, /indented further than the key above it/],
  ['a line between two levels', 'a:\n  b:\n    c: x\n   d: y\n', 4, /indentation of this line is neither/],
  ['a line too shallow', 'rules:\n- name: a\n match: {}\n', 3, /neither a key with a colon nor an entry/],
  [
    'an entry after a key',
    'rules:\n- name: a\nrealm: x\n- name: b\n',
    4,
    /an entry of a list stands after a key/,
  ],
  ['a key without a colon', 'rules: []\nrealm\n', 2, /neither a key with a colon|a key without a colon/],
  [
    'a quote that is never closed',
    'a: b\nrealm: "abc\nrules: []\n',
    2,
    /the quote " that begins here is not closed/,
  ],
  ["a ' that is never closed", "realm: 'abc\nrules: []\n", 1, /the quote ' that begins here is not closed/],
  ['a quote that is closed too late', 'a: "b\nc: "d"\n', 1, /the quote " that begins here is not closed/],
  [
    'a [ that is not closed',
    'a: b\nrules: [{name: a}\nrealm: x\n',
    2,
    /the \[ that begins here is not closed/,
  ],
  [
    'a { that is not closed',
    'issuers: {corp: {a: b}\nrules: []\n',
    1,
    /the \{ that begins here is not closed/,
  ],
  ['a colon in a value', 'realm: a: b\n', 1, /holds a colon and a space: put it in quotes/],
  ['an escape that does not exist', 'realm: "\\d"\n', 1, /\\d is not an escape in double quotes/],
  ['two documents', 'a: b\n---\na: b\n', 2, /a second document begins here/],
  ['text after a quote', 'realm: "a" b\n', 1, /something follows the value/],
  ['a missing comma', 'a: {b: [x] c: y}\n', 1, /a comma is missing/],
  ['a missing comma between mappings', 'a: [{b: c} {d: e}]\n', 1, /a comma is missing/],
  ['a missing comma at the end of a line', 'a: {b: c\n  d: e}\n', 1, /a comma is missing/],
  ['a missing comma between texts', 'a: ["x" "y"]\n', 1, /a comma is missing/],
  ['a ] too many', 'a: [b]]\n', 1, /a \] too many/],
  ['a } too many', 'a: {b: c}}\n', 1, /a \} too many/],
  ['a [ that is not closed before a }', 'a: {b: ["/a"}\n', 1, /the \[ that begins here is not closed/],
  ['a line between an entry and its list', 'a:\n- b\n c: d\n', 3, /indentation of this line is neither/],
  ['a key that is a list', 'a: b\n? [x]\n: y\n', 2, /a key must be a string/],
];

for (const [title, text, line, said] of broken)
  test(`YAML – it says in plain words what is wrong: ${title}`, (t) => {
    const [first, ...others] = problemsOf(text);
    t.deepEqual(others, []);
    t.regex(first?.message ?? '', said);
    t.regex(first?.message ?? '', /^(?:is not YAML|cannot be used as YAML): /);
    t.is(first?.line, line);
  });

test('YAML – of several errors, each key that stands twice is told', (t) => {
  const problems = problemsOf('a: 1\na: 2\nb: 1\nb: 2\nc: "x" y\nd: @\n');
  t.deepEqual(
    problems.map(({ line }) => line),
    [2, 4, 5],
  );
});

const many = (write: (at: number) => string, count: number) =>
  Array.from({ length: count }, (_, at) => write(at)).join();

test('YAML – 256 KiB of keys take no minute, although each must be unique', (t) => {
  const [problem] = problemsOf(`a: {${many((at) => `${at}:`, 40_000)}, 7: }\n`);
  t.regex(problem?.message ?? '', /the key 7 stands twice/);
});

test('YAML – each alias is looked for among all anchors, so there can only be some', (t) => {
  const [problem] = problemsOf(
    `a: [${many((at) => `&a${at} 1`, 1_001)}]\nb: [${many((at) => `*a${at} `, 1_001)}]\n`,
  );
  t.regex(problem?.message ?? '', /cannot be used as YAML: there are more than 1000 aliases/);
});
