import test from 'ava';
import { Memo } from '../src/memo.ts';
import { seededRandom } from './support/seeded-random.ts';

const seed = 8705;

for (const capacity of [0, 1, 2, 3, 7, 10, 101])
  test(`memo – never holds more than its capacity of ${capacity}, seed ${seed} (design: everything is bounded)`, (t) => {
    const memo = new Memo<number>(capacity);
    const random = seededRandom(seed);
    let most = 0;
    for (let n = 0; n < 5_000; n++) {
      const key = String(random.integer(3 * capacity + 3));
      if (random.integer(3) === 0) memo.get(key);
      else if (random.integer(20) === 0) memo.delete(key);
      else memo.set(key, n);
      most = Math.max(most, memo.size);
    }
    t.true(most <= capacity, `held ${most}`);
  });

for (const capacity of [2, 3, 10, 100])
  test(`memo – of ${capacity} entries it keeps at least the newest half (memo.ts)`, (t) => {
    const memo = new Memo<number>(capacity);
    for (let n = 0; n < 1_000; n++) memo.set(String(n), n);
    for (let n = 1_000 - Math.floor(capacity / 2); n < 1_000; n++) t.is(memo.get(String(n)), n);
    t.is(memo.get('0'), undefined);
  });

test('memo – a capacity of 0 remembers nothing (configuration: rememberedTokens 0)', (t) => {
  const memo = new Memo<string>(0);
  memo.set('a', 'A');
  t.is(memo.get('a'), undefined);
  t.is(memo.size, 0);
});

for (const capacity of [2, 4, 10, 1000])
  test(`memo – an entry in use survives a flood, capacity ${capacity} (attacks 17: a flood of unique tokens)`, (t) => {
    const memo = new Memo<string>(capacity);
    memo.set('hot', 'H');
    for (let n = 0; n < 10_000; n++) {
      memo.set(`cold ${n}`, 'C');
      if (memo.get('hot') !== 'H') t.fail(`forgotten after ${n + 1} others`);
    }
    t.is(memo.get('cold 0'), undefined);
  });

test('memo – the latest value counts, whichever generation the earlier one is in (attacks 13)', (t) => {
  const memo = new Memo<number>(4);
  memo.set('a', 1);
  memo.set('b', 1);
  memo.set('c', 1); // a and b are old now
  memo.set('a', 2);
  t.is(memo.get('a'), 2);
  memo.set('d', 1); // and now a's new value is
  t.is(memo.get('a'), 2);
});

test('memo – what was deleted stays away, in both generations (attacks 13)', (t) => {
  const memo = new Memo<number>(4);
  memo.set('a', 1);
  memo.set('b', 1);
  memo.set('c', 1);
  t.is(memo.get('a'), 1); // now in both
  memo.delete('a');
  t.is(memo.get('a'), undefined);
  memo.set('d', 1);
  memo.set('e', 1);
  t.is(memo.get('a'), undefined);
});

test('memo – keys are keys and not members (attacks 3: __proto__)', (t) => {
  const memo = new Memo<number>(4);
  for (const key of ['__proto__', 'constructor', 'toString', '']) {
    t.is(memo.get(key), undefined);
    memo.set(key, 7);
    t.is(memo.get(key), 7);
  }
});
