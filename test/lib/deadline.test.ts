import { stat } from 'node:fs/promises';
import test from 'ava';
import { within } from '../../src/lib/deadline.ts';

const late = () => new Error('late');

test('deadline – what comes in time counts, and what does not come is late', async (t) => {
  t.is(await within(Promise.resolve(1), 60_000, late), 1);
  await t.throwsAsync(within(new Promise(() => undefined), 5, late), { message: 'late' });
  await t.throwsAsync(within(Promise.reject(new Error('broken')), 60_000, late), { message: 'broken' });
});

test('deadline – an answer that has arrived while this process stood still counts', async (t) => {
  // It is read by another thread.
  const waited = within(stat('.'), 20, late);
  const until = performance.now() + 200;
  while (performance.now() < until);
  t.true((await waited).isDirectory());
});
