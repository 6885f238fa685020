import test from 'ava';
import { createSharing } from '../../src/lib/share.ts';

const rule = (name: string) => ({ name, match: { hosts: [['orders', '*']], ports: [1, 2] }, public: true });

test('sharing – equal lists and objects become one, in all depths', (t) => {
  const share = createSharing();
  const [one, other] = [share(rule('a')), share(rule('b'))];
  t.not(one as unknown, other);
  t.is(one.match, other.match);
  t.is(share([['orders', '*']]), one.match.hosts);
  t.is(share(rule('a')), one);
});

for (const [what, one, other] of [
  ['a number and its text', [1], ['1']],
  ['a list and a list in it', [1], [[1]]],
  ['members in another order', ['a', 'b'], ['b', 'a']],
  ['names in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ['a name and a value', { a: 'b' }, { b: 'a' }],
  ['an empty list and an empty object', [], {}],
  ['a member that is undefined and none', { a: undefined }, {}],
  ['undefined and null', [undefined], [null]],
  ['a text with a separator and two texts', ['a,b'], ['a', 'b']],
  ['one name more', { a: 1 }, { a: 1, b: 1 }],
  ['a list and an object with its names', ['a'], { 0: 'a' }],
] as const)
  test(`sharing – ${what} stay apart`, (t) => {
    const share = createSharing();
    t.deepEqual([share<unknown>(one), share<unknown>(other)], [one, other] as unknown[]);
    t.not(share<unknown>(one), share<unknown>(other));
  });

test('sharing – functions, sets and objects of classes are only equal to themselves, and are not copied', (t) => {
  const share = createSharing();
  class Text {
    readonly text = 'a';
  }
  for (const make of [() => () => 1, () => new Set(['a']), () => new Text(), () => Object.create(null)]) {
    const [one, other] = [make(), make()];
    t.is(share({ one }).one, one);
    t.is(share({ one: other }).one, other);
  }
});

test('sharing – does not change what it is given, and keeps the name __proto__ as it is', (t) => {
  const share = createSharing();
  const given = Object.freeze(JSON.parse('{"__proto__":["a"],"b":["a"]}'));
  const shared = share(given);
  t.deepEqual(Object.entries(shared), Object.entries(given));
  t.is(Object.getPrototypeOf(shared), Object.prototype);
  t.not(given.b, Object.entries(given)[0]?.[1]);
  t.is(shared.b, Object.entries(shared)[0]?.[1]);
});
