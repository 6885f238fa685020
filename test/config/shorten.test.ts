import test from 'ava';
import fc from 'fast-check';
import { parse, parseDocument } from 'yaml';
import { type Amendment, amendText } from '../../src/config/amend.ts';
import { createDraft } from '../../src/config/draft.ts';
import { shortenList } from '../../src/config/shorten.ts';

/** Entries in several layouts. None may change if another one does. */
const forms = [
  (name: string) => `  - {name: ${name},  public: true}\n`,
  (name: string) => `  # about ${name}\n  - name: ${name}   # here\n    match: {hosts: [ a, "b" ]}\n\n`,
  (name: string) => `  - name: ${name}\n    text: |+\n      - not: an entry\n\n    more: [x]\n`,
  (name: string) => `  - name: ${name}\n    when:   'a && b'\n    tags:\n      - x\n`,
];
const arbitraryRules = fc
  .array(fc.constantFrom(...forms), { minLength: 51, maxLength: 60 })
  .map((list) => list.map((form, index) => form(`r${index}`)));
const head = '# The head\nissuers:\n  login: {audiences: [a]}\nrules:\n';
const tail = '# The tail\nclients: {shop: [x]}\n';

const changes = (index: number): readonly Amendment[] => [
  { kind: 'insert', path: ['rules'], index, value: { name: 'new', match: { hosts: ['c'] } } },
  { kind: 'insert', path: ['rules'], index: Number.MAX_SAFE_INTEGER, value: { name: 'new' } },
  { kind: 'set', path: ['rules', index, 'name'], value: 'other' },
  { kind: 'insert', path: ['rules', index, 'tags'], index: 9, value: 'added' },
  { kind: 'remove', path: ['rules', index] },
  { kind: 'insert', path: ['issuers', 'login', 'audiences'], index: 9, value: 'b' },
  { kind: 'insert', path: ['clients', 'shop'], index: 9, value: 'y' },
  { kind: 'set', path: ['hosts', 'ignorePort'], value: true },
];

test('shorten – a change of a long list means what it says, and leaves every other entry as it is', (t) => {
  fc.assert(
    fc.property(arbitraryRules, fc.nat(50), fc.nat(7), (rules, index, which) => {
      const text = `${head}${rules.join('')}${tail}`;
      const change = changes(index)[which] as Amendment;
      const amended = amendText(text, [change]);
      t.deepEqual(parse(amended), createDraft(text, 'a.yaml').amend([change]).document.raw);
      for (const [at, rule] of rules.entries())
        if (Math.abs(at - index) > 3 && at < rules.length - 3) t.true(amended.includes(rule), `${at}`);
    }),
    { numRuns: 60 },
  );
});

test('shorten – few entries are read and written, and all of them come back', (t) => {
  const rules = Array.from({ length: 1_000 }, (_, index) => `  - {name: r${index}}\n`);
  const text = `${head}${rules.join('')}${tail}`;
  for (const [path, left, skipped] of [
    [['rules', 500, 'name'], [498, 499, 500, 501, 502, 999], 498],
    [['rules', 0], [0, 1, 2, 999], 0],
    [['rules', 999], [997, 998, 999], 997],
    [['rules', Number.MAX_SAFE_INTEGER], [998, 999], 998],
    [['issuers', 'login'], [0, 1, 2, 999], 0],
  ] as const) {
    const short = shortenList(text, parseDocument(text), path);
    t.is(short?.text, `${head}${left.map((index) => rules[index]).join('')}${tail}`);
    t.is(short?.skipped, skipped);
    t.is(short?.restore(short.text), text);
    t.is(short?.restore(`# other\n${short.text}# other\n`), undefined, 'both ends are changed');
  }
});

const many = (entry: string) => `rules:\n${entry.repeat(51)}`;

for (const [title, text] of [
  ['a list in flow style', `rules: [${'{name: a}, '.repeat(51)}]\n`],
  ['a short list', `rules:\n${'  - {name: a}\n'.repeat(50)}`],
  ['an anchor', many('  - {name: &a b}\n')],
  ['a tag in front of an entry', many('  - !!map {name: b}\n')],
  ['an entry below its hyphen', many('  -\n    name: b\n')],
] as const)
  test(`shorten – ${title} is left as it is`, (t) => {
    t.is(shortenList(text, parseDocument(text), ['rules', 9]), undefined);
    const change: Amendment = { kind: 'set', path: ['rules', 0, 'name'], value: 'c' };
    t.is(parse(amendText(text, [change])).rules[0].name, 'c');
  });
