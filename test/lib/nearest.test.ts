import test from 'ava';
import fc from 'fast-check';
import { didYouMean, distance, nearest } from '../../src/lib/nearest.ts';

for (const [a, b, edits] of [
  ['', '', 0],
  ['scope', 'scopes', 1],
  ['scpoes', 'scopes', 1],
  ['issuer', 'issuers', 1],
  ['ca', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
] as const)
  test(`distance – ${JSON.stringify(a)} and ${JSON.stringify(b)}: ${edits}`, (t) => {
    t.is(distance(a, b), edits);
    t.is(distance(b, a), edits);
  });

const shortText = fc.string({ maxLength: 12 });

test('distance – it is 0 for equal texts only, and at most the longer length', (t) => {
  fc.assert(
    fc.property(shortText, shortText, (a, b) => {
      t.is(distance(a, b) === 0, a === b);
      t.true(distance(a, b) <= Math.max(a.length, b.length));
      t.is(distance(a, b), distance(b, a));
    }),
    { numRuns: 200 },
  );
});

const settings = ['issuers', 'scopes', 'claims', 'when', 'peers', 'clientCaFile'];
for (const [written, meant] of [
  ['scope', 'scopes'],
  ['calims', 'claims'],
  ['SCOPES', 'scopes'],
  ['clientcafile', 'clientCaFile'],
  ['wehn', 'when'],
  ['audience', undefined],
  ['x', undefined],
  ['', undefined],
  ['scopes', undefined],
] as const)
  test(`nearest – ${JSON.stringify(written)} is ${meant ?? 'near to nothing'}`, (t) => {
    t.is(nearest(written, settings), meant);
  });

test('nearest – long names and long lists are not compared', (t) => {
  t.is(nearest(`${'a'.repeat(64)}b`, ['a'.repeat(64)]), undefined);
  t.is(nearest(`${'a'.repeat(63)}b`, ['a'.repeat(64)]), 'a'.repeat(64));
  const names = Array.from({ length: 1_001 }, (_, index) => `name${index}`);
  t.is(nearest('nome7', names), undefined);
  t.is(nearest('nome7', names.slice(0, 1_000)), 'name7');
});

test('did you mean – it is the end of a message, or nothing', (t) => {
  t.is(didYouMean('scope', settings), '; did you mean "scopes"?');
  t.is(didYouMean('zzzzzz', settings), '');
});
