import test from 'ava';
import { Removals } from '../../../src/core/identity/removal.ts';

const managed = ['x-user', 'x-spiffe-id', 'gap'];

test('removal – what has no value goes, and each spelling with _', (t) => {
  const { names, unseen } = new Removals(managed).of(['x-user', 'gap'], []);
  t.deepEqual(names.toSorted(), ['gap', 'x-user', 'x_spiffe_id', 'x_user']);
  t.deepEqual(unseen.split(','), [...names, 'x_spiffe-id', 'x-spiffe_id']);
});

test('removal – the same missing headers share one list, others do not', (t) => {
  const removals = new Removals(managed);
  const first = removals.of(['gap'], []);
  t.is(removals.of(['gap'], []), first);
  t.not(removals.of([], []), first);
  t.false(removals.of([], []).names.includes('gap'));
});

test('removal – a spelling in one request is removed there, and from no other', (t) => {
  const removals = new Removals(managed);
  for (const odd of ['x.user', 'x-spiffe_id']) {
    const { names, unseen } = removals.of(['gap'], [odd, 'x_user']);
    t.true(names.includes(odd));
    t.true(unseen.split(',').includes(odd));
    t.is(new Set(names).size, names.length);
  }
  t.false(removals.of(['gap'], []).names.includes('x.user'));
});

test('removal – however many sets of claims there are, few lists are kept', (t) => {
  const removals = new Removals(managed);
  const of = (n: number) => removals.of([`h-${n}`], []);
  for (let n = 0; n < 1_000; n++) t.true(of(n).names.includes(`h-${n}`));
  t.is(of(0), of(0));
  t.not(of(999), of(999));
});
