import v8 from 'node:v8';
import vm from 'node:vm';
import test from 'ava';
import { Cache } from '../../src/lib/cache.ts';
import { seededRandom } from '../support/seeded-random.ts';

const seed = 8705;
v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;
const heapUsed = () => {
  collect();
  return process.memoryUsage().heapUsed;
};

for (const capacity of [0, 1, 2, 3, 7, 10, 101])
  test(`cache – never holds more than its capacity of ${capacity}, seed ${seed}`, (t) => {
    const memo = new Cache<number>(capacity, () => 1);
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
  test(`cache – of ${capacity} entries it keeps at least the newest half`, (t) => {
    const memo = new Cache<number>(capacity, () => 1);
    for (let n = 0; n < 1_000; n++) memo.set(String(n), n);
    for (let n = 1_000 - Math.floor(capacity / 2); n < 1_000; n++) t.is(memo.get(String(n)), n);
    t.is(memo.get('0'), undefined);
  });

test('cache – a capacity of 0 remembers nothing (configuration: tokenMemory 0)', (t) => {
  const memo = new Cache<string>(0, () => 1);
  memo.set('a', 'A');
  t.is(memo.get('a'), undefined);
  t.is(memo.size, 0);
});

for (const capacity of [2, 4, 10, 1000])
  test(`cache – an entry in use survives a flood, capacity ${capacity} (attacks 17: a flood of unique tokens)`, (t) => {
    const memo = new Cache<string>(capacity, () => 1);
    memo.set('hot', 'H');
    for (let n = 0; n < 10_000; n++) {
      memo.set(`cold ${n}`, 'C');
      if (memo.get('hot') !== 'H') t.fail(`forgotten after ${n + 1} others`);
    }
    t.is(memo.get('cold 0'), undefined);
  });

test('cache – the latest value counts, whichever generation the earlier one is in (attacks 13)', (t) => {
  const memo = new Cache<number>(4, () => 1);
  memo.set('a', 1);
  memo.set('b', 1);
  memo.set('c', 1); // a and b are old now
  memo.set('a', 2);
  t.is(memo.get('a'), 2);
  memo.set('d', 1); // and now a's new value is
  t.is(memo.get('a'), 2);
});

test('cache – counts what it found, in both generations, and what it did not', (t) => {
  const memo = new Cache<number>(4, () => 1);
  for (const key of ['a', 'b', 'c']) memo.set(key, 1);
  for (const key of ['a', 'c', 'd']) memo.get(key);
  t.like(memo, { hits: 2, misses: 1, capacity: 4 });
});

test('cache – what was deleted stays away, in both generations (attacks 13)', (t) => {
  const memo = new Cache<number>(4, () => 1);
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

test('cache – keys are keys and not members (attacks 3: __proto__)', (t) => {
  const memo = new Cache<number>(4, () => 1);
  for (const key of ['__proto__', 'constructor', 'toString', '']) {
    t.is(memo.get(key), undefined);
    memo.set(key, 7);
    t.is(memo.get(key), 7);
  }
});

test('cache – what its entries weigh together never exceeds its capacity, whatever comes and goes (attacks 19)', (t) => {
  const memo = new Cache<number>(10_000, (_, bytes) => bytes);
  const random = seededRandom(seed);
  for (let n = 0; n < 20_000; n++) {
    const key = String(random.integer(200));
    const turn = random.integer(4);
    if (turn === 0) memo.delete(key);
    else if (turn === 1) memo.get(key);
    else memo.set(key, random.integer(random.integer(10) === 0 ? 6_000 : 300));
    if (memo.bytes > 10_000 || memo.bytes < 0) t.fail(`${memo.bytes} bytes after ${n} steps`);
  }
  for (let n = 0; n < 200; n++) memo.delete(String(n));
  t.is(memo.bytes, 0);
  t.is(memo.size, 0);
});

test('cache – what takes more than half of it is not kept, forgets nothing else, and not what it replaces', (t) => {
  const memo = new Cache<number>(1_000, (_, bytes) => bytes);
  memo.set('small', 10);
  memo.set('large', 20);
  memo.set('large', 501);
  t.is(memo.get('large'), undefined);
  t.is(memo.get('small'), 10);
});

test('cache – a key that is a part of a long text does not keep the text in memory, as V8 11 would (attacks 19: memory)', (t) => {
  const memo = new Cache<number>(1_000_000, () => 1);
  const key = (n: number) => `${n}`.padStart(100, 'k');
  const before = heapUsed();
  for (let n = 0; n < 200; n++) {
    const header = `${'h'.repeat(60_000)}${key(n)}`;
    memo.set(header.slice(60_000), n);
  }
  t.true(heapUsed() - before < 2_000_000);
  for (let n = 0; n < 200; n++) t.is(memo.get(`x${key(n)}`.slice(1)), n);
});
