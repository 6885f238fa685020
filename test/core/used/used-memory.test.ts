import test from 'ava';
import { DependencyError } from '../../../src/core/denial.ts';
import { UsedMemory } from '../../../src/core/used/used-memory.ts';
import { NOW } from '../../support/check-world.ts';

const at = (now: number) => ({ now, deadline: now + 1_000 });
/** Bytes that the memory counts for one proof. */
const one = sizeOfOne();

function sizeOfOne(): number {
  const memory = new UsedMemory(() => 1_000_000);
  memory.use(proof('a'), 'owner', at(NOW));
  return memory.state().bytes;
}

/** A digest is random in each of its characters. */
function proof(name: string, until = NOW + 60_000) {
  return { id: `${name}-of-the-proof`, until };
}

const isFull = { instanceOf: DependencyError, message: /fill the memory/ };

test('used memory – the first use is told from every later one, until the proof has expired', (t) => {
  const memory = new UsedMemory(() => 100 * one);
  t.true(memory.use(proof('a'), 'x', at(NOW)));
  t.false(memory.use(proof('a'), 'x', at(NOW)));
  t.false(memory.use(proof('a'), 'another owner', at(NOW + 59_999)));
  t.true(memory.use(proof('b'), 'x', at(NOW + 59_999)));
});

test('used memory – a check that began in time and had to wait does not pass with a used proof', (t) => {
  const memory = new UsedMemory(() => 100 * one);
  t.true(memory.use(proof('a', NOW + 1_500), 'x', at(NOW)));
  // Another check forgets what has expired. The clock may also have been put back since.
  for (const later of [NOW + 1_600, NOW + 2_600, NOW + 31_499]) {
    memory.use(proof(`b-${later}`), 'y', at(later));
    t.false(memory.use(proof('a', NOW + 1_500), 'x', at(NOW + 900)));
  }
});

test('used memory – the same proof is known also if it is to be remembered for another time', (t) => {
  const memory = new UsedMemory(() => 100 * one);
  t.true(memory.use(proof('a', NOW + 5_000), 'x', at(NOW)));
  t.false(memory.use(proof('a', NOW + 90_000), 'x', at(NOW + 4_000)));
});

test('used memory – what has expired is forgotten, and never before its time', (t) => {
  const memory = new UsedMemory(() => 100 * one);
  for (let n = 0; n < 20; n++) memory.use(proof(`${n}`, NOW + 1_000 * n + 1), 'x', at(NOW));
  for (let n = 0; n < 20; n++) {
    const until = NOW + 1_000 * n + 1;
    t.false(memory.use(proof(`${n}`, until), 'x', at(until - 1)), `${n}`);
  }
  for (let n = 0; n < 20; n++) memory.use(proof(`later ${n}`, NOW + 200_000), 'x', at(NOW + 100_000));
  t.is(memory.state().size, 20);
});

test('used memory – a memory that is full refuses, and forgets nothing that could be used again', (t) => {
  const memory = new UsedMemory(() => 64 * one);
  const used: string[] = [];
  t.throws(() => {
    for (let n = 0; n < 65; n++) {
      memory.use(proof(`${n}`), `owner ${n}`, at(NOW));
      used.push(`${n}`);
    }
  }, isFull);
  t.is(used.length, 64);
  for (const name of used) t.false(memory.use(proof(name), 'x', at(NOW + 59_000)), name);
  t.is(memory.state().bytes, memory.state().capacity);
});

test('used memory – an owner who floods leaves half of the memory to the others', (t) => {
  const memory = new UsedMemory(() => 1_000 * one);
  let held = 0;
  t.throws(() => {
    for (; held < 2_000; held++) memory.use(proof(`flood ${held}`), 'flood', at(NOW));
  }, isFull);
  t.is(held, 500);
  t.true(memory.use(proof('another'), 'another', at(NOW)));
  t.throws(() => memory.use(proof('one more'), 'flood', at(NOW)), isFull);
});

test('used memory – three owners who flood leave a quarter to the others', (t) => {
  const memory = new UsedMemory(() => 1_000 * one);
  for (let n = 0; n < 3_000; n++) {
    try {
      memory.use(proof(`${n}`), `flood ${n % 3}`, at(NOW));
    } catch {}
  }
  t.true(memory.state().size <= 751, `${memory.state().size}`);
  t.true(memory.use(proof('another'), 'another', at(NOW)));
});

test('used memory – a full memory takes proofs again when the earlier ones have expired', (t) => {
  const memory = new UsedMemory(() => 6_000 * one);
  for (let n = 0; n < 3_000; n++)
    memory.use(proof(`${n}`, NOW + 1_000 + (n % 600) * 1_000), 'flood', at(NOW));
  t.throws(() => memory.use(proof('too many'), 'flood', at(NOW)), isFull);
  t.true(memory.use(proof('later'), 'flood', at(NOW + 601_000)));
});

test('used memory – a long silence costs the next check little', (t) => {
  const memory = new UsedMemory(() => 100 * one);
  memory.use(proof('a'), 'x', at(NOW));
  const years = NOW + 3_000_000_000_000;
  t.true(memory.use(proof('b', years + 1_000), 'x', at(years)));
  t.false(memory.use(proof('b', years + 1_000), 'x', at(years)));
});

test('used memory – a clock that is put back makes no proof new', (t) => {
  const memory = new UsedMemory(() => 100 * one);
  t.true(memory.use(proof('a'), 'x', at(NOW)));
  for (let n = 0; n < 20; n++) memory.use(proof(`${n}`), 'x', at(NOW + 30_000));
  t.false(memory.use(proof('a'), 'x', at(NOW - 600_000)));
  t.true(memory.use(proof('late', NOW - 500_000), 'x', at(NOW - 600_000)));
  t.false(memory.use(proof('late', NOW - 500_000), 'x', at(NOW - 600_000)));
});

test('used memory – without memory, every proof is refused', (t) => {
  t.throws(() => new UsedMemory(() => 0).use(proof('a'), 'x', at(NOW)), isFull);
});
