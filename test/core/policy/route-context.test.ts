import test from 'ava';
import { find } from './rules.ts';

const orders = { name: 'orders', context: { policy: 'orders' } };
const both = { name: 'both', context: { policy: 'orders', tier: 'gold' } };
const plain = { name: 'plain' };
const cases: readonly [
  what: string,
  rules: Parameters<typeof find>[0],
  context: Record<string, string>,
  expected: string | undefined,
][] = [
  ['its pair is there', [orders], { policy: 'orders' }, 'orders'],
  ['its pair is there beside others', [orders], { a: 'b', policy: 'orders', z: 'y' }, 'orders'],
  ['all of its pairs are there', [both], { tier: 'gold', policy: 'orders' }, 'both'],
  ['nothing is there', [orders], {}, undefined],
  ['its key has another value', [orders], { policy: 'orders2' }, undefined],
  ['its value has another case', [orders], { policy: 'Orders' }, undefined],
  ['its key has another case', [orders], { Policy: 'orders' }, undefined],
  ['only one of its pairs is there', [both], { policy: 'orders' }, undefined],
  ['only the other of its pairs is there', [both], { tier: 'gold' }, undefined],
  ['key and value change places', [orders], { orders: 'policy' }, undefined],
  ['a rule without context stands before', [plain, orders], { policy: 'orders' }, 'plain'],
  ['a rule without context stands behind', [orders, plain], { policy: 'orders' }, 'orders'],
  [
    'a rule without context stands behind, and its pair is not there',
    [orders, plain],
    { policy: 'x' },
    'plain',
  ],
  ['a rule of two pairs stands before', [both, orders], { policy: 'orders', tier: 'gold' }, 'both'],
  ['a rule of two pairs stands behind', [orders, both], { policy: 'orders', tier: 'gold' }, 'orders'],
  [
    'two rules are found by two pairs, the later key first',
    [
      { name: 'z', context: { z: '1' } },
      { name: 'a', context: { a: '1' } },
    ],
    { a: '1', z: '1' },
    'z',
  ],
  ['a member of every object is asked for', [{ name: 'odd', context: { constructor: 'x' } }], {}, undefined],
  ['an empty value is asked for and not there', [{ name: 'odd', context: { policy: '' } }], {}, undefined],
  ['an empty value is asked for', [{ name: 'odd', context: { policy: '' } }], { policy: '' }, 'odd'],
];
for (const [what, rules, context, expected] of cases)
  test(`route index – by context, where ${what}: ${expected}`, (t) => {
    t.is(
      find(rules as Parameters<typeof find>[0], 'GET a /x', context as unknown as Record<string, string>),
      expected,
    );
  });
