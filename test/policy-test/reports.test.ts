import test from 'ava';
import { runText } from './world.ts';
import { readXml } from './xml.ts';

const hostile = [
  '</testcase><x>&"\'',
  'a\u001b[2Jb',
  'a\n::error file=x::y',
  'a\u0000\u0008\u007f\u009b\u2028\ud800\ufffe',
  '%0A::set-output name=a::b, c:d',
  ']]>',
  '\u202etxt',
  'a\u200fb',
];
const text = [
  'callers: {a: {}}',
  'tests:',
  ...hostile.map(
    (name) =>
      `- {name: ${JSON.stringify(name)}, request: {host: ${JSON.stringify(name)}, path: ${JSON.stringify(name)}}, expect: allow}`,
  ),
].join('\n');

for (const format of ['text', 'github', 'json'] as const)
  test(`reports – hostile texts do no harm in ${format}`, async (t) => {
    const { output, exitCode } = await runText(t, text, { format });
    t.is(exitCode, 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    t.notRegex(output, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200f\u2028\u202e\ud800]/);
    if (format === 'json') t.is(JSON.parse(output).files[0].tests.length, hostile.length);
    const commands = output.split('\n').filter((line) => /^\s*::/.test(line));
    t.is(commands.length, format === 'github' ? hostile.length : 0);
    for (const command of commands) t.regex(command, /^::error file=t\.yaml,line=\d+,title=[^:,]*::/);
  });

test('reports – JUnit is XML, whatever the names of the tests are', async (t) => {
  const { junit } = await runText(t, text);
  const elements = readXml(junit);
  const cases = elements.filter(({ name }) => name === 'testcase');
  t.is(cases[0]?.attributes.name, hostile[0]);
  t.is(cases.length, hostile.length);
  t.deepEqual(elements[0], {
    name: 'testsuites',
    attributes: { name: 'peerproof', tests: `${hostile.length}`, failures: `${hostile.length}` },
  });
  t.is(elements.filter(({ name }) => name === 'failure').length, hostile.length);
});

test('reports – a test that passed has no failure in JUnit', async (t) => {
  const { junit } = await runText(t, 'tests: [{name: a, request: GET a, expect: deny}]');
  t.deepEqual(
    readXml(junit).map(({ name }) => name),
    ['testsuites', 'testsuite', 'testcase'],
  );
});

test('reports – a filter runs only the tests with this text, and a filter without tests is an error', async (t) => {
  const two =
    'tests: [{name: one, request: GET a, expect: deny}, {name: two, request: GET a, expect: allow}]';
  t.is((await runText(t, two, { filter: 'one' })).output, 't.yaml: 1 test, all passed');
  t.is((await runText(t, two, { filter: 'three' })).exitCode, 2);
});

test('reports – ten thousand tests', async (t) => {
  const many = Array.from(
    { length: 10_000 },
    (_, index) =>
      `- {name: t${index}, request: GET https://orders.example/${index}, from: {like: a, token: {claims: {sub: s${index % 100}}}}, expect: allow}`,
  );
  const { output } = await runText(
    t,
    `callers: {a: {token: {claims: {scope: read}}}}\ntests:\n${many.join('\n')}`,
  );
  t.is(output, 't.yaml: 10000 tests, all passed');
});
