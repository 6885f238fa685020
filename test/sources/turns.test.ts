import test from 'ava';
import type { Asker } from '../../src/sources/bulkhead.ts';
import { Turns } from '../../src/sources/turns.ts';

/** Questions by the name of their asker: those under way, and what ends one. */
function office(slots = 64) {
  const turns = new Turns(slots);
  const underWay: { name: string; end: () => void }[] = [];
  const ask = (name: string, known = false): (() => void) => {
    const asker: Asker = { name, known };
    const end = turns.take(asker, () => underWay.push({ name, end: () => end() }));
    return end;
  };
  return {
    turns,
    ask,
    count: (name: string) => underWay.filter((one) => one.name === name).length,
    /** The oldest one is answered. */
    answer: () => underWay.shift()?.end(),
  };
}

test('turns – one that floods has 32 of 64, and others ask at once', (t) => {
  const { turns, ask, count } = office();
  for (let n = 0; n < 1_000; n++) ask('junk');
  t.is(count('junk'), 32);
  ask('honest');
  t.is(count('honest'), 1);
  ask('owner', true);
  t.is(count('owner'), 1);
  t.is(turns.taken, 34);
});

test('turns – a quarter is kept for known tokens, however many senders flood', (t) => {
  const { turns, ask, count } = office();
  for (let n = 0; n < 1_000; n++) for (let m = 0; m < 3; m++) ask(`junk-${n}`);
  t.is(turns.taken, 48);
  ask('owner', true);
  t.is(count('owner'), 1);
});

test('turns – one owner does not take all that is kept', (t) => {
  const { ask, count } = office();
  for (let n = 0; n < 1_000; n++) ask('greedy', true);
  t.is(count('greedy'), 43);
  ask('owner', true);
  ask('honest');
  t.deepEqual([count('owner'), count('honest')], [1, 1]);
});

test('turns – askers take turns: one that comes last waits for one answer a sender, not for a whole queue', (t) => {
  const { ask, count, answer } = office(8);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) for (let n = 0; n < 100; n++) ask(name);
  ask('honest');
  t.is(count('honest'), 0);
  let answers = 0;
  while (count('honest') === 0) {
    answer();
    answers++;
  }
  t.true(answers <= 7, `${answers}`);
});

test('turns – a known token comes before nothing else, and others go on beside it', (t) => {
  const { ask, count, answer } = office(4);
  for (let owner = 0; owner < 50; owner++) ask(`owner-${owner}`, true);
  ask('honest');
  let answers = 0;
  while (count('honest') === 0 && answers < 60) {
    answer();
    answers++;
  }
  t.true(answers <= 51, `${answers}`);
});

test('turns – what is given up before its turn is never asked, and keeps no other waiting', (t) => {
  const { turns, ask, count, answer } = office(1);
  ask('a');
  const waiting = Array.from({ length: 100 }, () => ask('a'));
  for (const end of waiting) end();
  answer();
  t.is(count('a'), 0);
  t.is(turns.taken, 0);
  ask('a');
  t.is(count('a'), 1);
});

test('turns – of one asker the newest is first: the oldest has hardly time left to hear the answer', (t) => {
  const turns = new Turns(1);
  const began: number[] = [];
  const ends = [0, 1, 2, 3, 4].map((n) => turns.take({ name: 'a', known: false }, () => began.push(n)));
  for (let n = 0; n < 5; n++) ends[began.at(-1) as number]?.();
  t.deepEqual(began, [0, 4, 3, 2, 1]);
  t.is(turns.taken, 0);
});

test('turns – after any number of questions every slot is free again', (t) => {
  const { turns, ask, count, answer } = office(16);
  for (let n = 0; n < 3_000; n++) ask(`sender-${n % 7}`, n % 3 === 0);
  while (turns.taken > 0) answer();
  for (let n = 0; n < 100; n++) ask('new');
  t.is(count('new'), 8);
});
