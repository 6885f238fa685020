import test from 'ava';
import fc from 'fast-check';
import { parse } from 'yaml';
import { type Amendment, amendText } from '../../src/config/amend.ts';
import { createDraft } from '../../src/config/draft.ts';
import { ConfigError } from '../../src/config/problem.ts';

const text = `# Rules of the shop
rules:
  - name: orders          # the first
    match: &one {hosts: [ orders.example ], "methods": ['GET']}
    require: {scopes: [read]}
  # The rest
  - {name: status, match: *one, public: true}
`;

const amendments: readonly Amendment[] = [
  { kind: 'insert', path: ['rules', 0, 'require', 'scopes'], index: 9, value: 'write' },
  { kind: 'insert', path: ['rules', 0, 'match', 'hosts'], index: 0, value: 'a.example' },
  { kind: 'insert', path: ['rules'], index: 1, value: { name: 'new', match: { paths: ['/new'] } } },
  { kind: 'insert', path: ['rules', 1, 'match', 'ports'], index: 0, value: 80 },
  { kind: 'set', path: ['issuers', 'login'], value: { issuer: 'https://login.example' } },
  { kind: 'set', path: ['rules', 0, 'name'], value: 'others' },
  { kind: 'remove', path: ['rules', 0, 'require'] },
];

test('draft – any changes, one after the other, mean what their text says, and leave the drafts before as they are', (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...amendments), { maxLength: 3 }), (changes) => {
      let draft = createDraft(text, 'a.yaml');
      let wanted = text;
      for (const change of changes) {
        const before = JSON.stringify(draft.document.raw);
        let next = draft;
        try {
          next = draft.amend([change]);
        } catch {
          t.throws(() => amendText(wanted, [change]));
          continue;
        }
        wanted = amendText(wanted, [change]);
        t.is(JSON.stringify(draft.document.raw), before);
        t.deepEqual(parse(draft.text()), draft.document.raw);
        draft = next;
      }
      t.deepEqual(draft.document.raw, parse(wanted));
      t.is(draft.text(), wanted);
    }),
    { numRuns: 60 },
  );
});

test('draft – a list of thousands of entries keeps its layout', (t) => {
  const rules = Array.from({ length: 1_200 }, (_, index) => `  - {name: r${index},   public: true}\n`);
  const long = `rules:\n${rules.join('')}`;
  const draft = createDraft(long, 'a.yaml').amend([
    { kind: 'set', path: ['rules', 1_000, 'name'], value: 'other' },
  ]);
  t.is(draft.text(), long.replace('{name: r1000,   public', '{name: other, public'));
});

test('draft – what cannot be changed, or would not be YAML anymore, is refused', (t) => {
  const draft = createDraft(text, 'a.yaml');
  const through = (path: Amendment['path']) => () => draft.amend([{ kind: 'set', path, value: 1 }]);
  t.throws(through(['rules', 0, 'name', 'x']));
  t.throws(through(['rules', 1, 'match', 'hosts']), undefined, 'an alias');
  t.throws(through(['rules', 0, 'match']), { instanceOf: ConfigError }, 'an anchor that an alias needs');
  t.throws(() => createDraft('rules: [', 'a.yaml'), { instanceOf: ConfigError });
});
