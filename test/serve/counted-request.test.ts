import test from 'ava';
import { counted } from '../../src/serve/counted-request.ts';

test('counted request – passes arguments, answers and errors on, and tells how each call ended', async (t) => {
  const ends: (readonly [outcome: string, seconds: number])[] = [];
  const half = counted(
    async (number: number) => {
      if (number % 2 === 1) throw new RangeError('odd');
      return number / 2;
    },
    (...end) => ends.push(end),
  );
  t.is(await half(4), 2);
  await t.throwsAsync(half(3), { instanceOf: RangeError, message: 'odd' });
  t.deepEqual(
    ends.map(([outcome]) => outcome),
    ['answered', 'failed'],
  );
  t.true(ends.every(([, seconds]) => seconds >= 0 && seconds < 5));
});
