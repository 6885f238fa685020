import test from 'ava';
import fc from 'fast-check';
import { parse } from 'yaml';
import { amendText, unifiedDiff } from '../../src/config/amend.ts';
import { moveChanges } from '../../src/config/move-changes.ts';

const text = `# Rules of the shop
rules:
- name: orders          # the first
  match: {hosts: [ orders.example ], "methods": ['GET']}
  require:
      scopes: [read]    # who reads

# The rest
- name: status
  public: true
`;

test('amendText – adds an entry to a list and leaves every other line as it is', (t) => {
  const amended = amendText(text, [
    { kind: 'insert', path: ['rules', 0, 'match', 'methods'], index: 1, value: 'POST' },
  ]);
  const changed = amended.split('\n').filter((line) => !text.split('\n').includes(line));
  t.is(changed.length, 1, amended);
  t.deepEqual(parse(amended).rules[0].match.methods, ['GET', 'POST']);
  t.true(amended.includes('# who reads') && amended.includes('# The rest'));
});

test('amendText – inserts a rule before another', (t) => {
  const amended = amendText(text, [
    { kind: 'insert', path: ['rules'], index: 1, value: { name: 'new', match: { hosts: ['new.example'] } } },
  ]);
  t.deepEqual(
    parse(amended).rules.map(({ name }: { name: string }) => name),
    ['orders', 'new', 'status'],
  );
  t.true(amended.includes('- name: orders          # the first'), amended);
});

test('amendText – the first entry of an empty list begins a list of lines', (t) => {
  const value = { name: 'new', public: true };
  const amended = amendText('rules: []\n', [{ kind: 'insert', path: ['rules'], index: 0, value }]);
  t.is(amended, 'rules:\n  - name: new\n    public: true\n');
});

test('moveChanges – adds more lines than a call can have arguments', (t) => {
  const after = `a\n${'b\n'.repeat(200_000)}`;
  t.is(moveChanges('a\n', 'a\n', after), after);
});

test('amendText – sets and removes', (t) => {
  const amended = amendText(text, [
    { kind: 'set', path: ['issuers', 'login'], value: { issuer: 'https://login.example' } },
    { kind: 'remove', path: ['rules', 1] },
  ]);
  const { rules, issuers } = parse(amended);
  t.is(rules.length, 1);
  t.deepEqual(issuers, { login: { issuer: 'https://login.example' } });
});

test('amendText – makes a list that is missing', (t) => {
  const amended = amendText(text, [
    { kind: 'insert', path: ['rules', 1, 'require', 'peers'], index: 0, value: 'x' },
  ]);
  t.deepEqual(parse(amended).rules[1].require.peers, ['x']);
});

test('amendText – a path through a text is a mistake of the caller', (t) => {
  t.throws(() => amendText(text, [{ kind: 'insert', path: ['rules', 0, 'name'], index: 0, value: 'x' }]));
});

test('amendText – means what it says, whatever the layout', (t) => {
  const name = fc.stringMatching(/^[a-z]{1,6}$/);
  fc.assert(
    fc.property(
      fc.array(fc.record({ name, tags: fc.array(fc.string()) })),
      name,
      fc.nat(5),
      (rules, added, index) => {
        const amended = amendText(JSON.stringify({ rules }), [
          { kind: 'insert', path: ['rules'], index, value: { name: added } },
        ]);
        t.deepEqual(parse(amended), { rules: rules.toSpliced(index, 0, { name: added } as never) });
      },
    ),
    { numRuns: 100 },
  );
});

test('unifiedDiff – shows the changed lines with their surroundings', (t) => {
  t.is(unifiedDiff('a.yaml', 'a\nb\n', 'a\nb\n'), '');
  t.is(unifiedDiff('a.yaml', 'a\nb\n', 'a\nc\n'), '--- a.yaml\n+++ a.yaml\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n');
});
