import test from 'ava';
import { spread } from '../tools/test-order.ts';

/** Names in their order, as a run begins them. */
function order(files: readonly string[]): string[] {
  const places = spread(files, (file) => file.startsWith('wait'));
  return [...places].toSorted(([, one], [, other]) => one - other).map(([file]) => file);
}

test('order of tests – those that wait are spread among those that compute, and none of them is among the last', (t) => {
  const computing = Array.from({ length: 10 }, (_, index) => `compute-${index}`);
  t.deepEqual(order([...computing, 'wait-0', 'wait-1']), [
    ...['wait-0', 'compute-0', 'compute-1', 'compute-2', 'compute-3'],
    ...['wait-1', 'compute-4', 'compute-5', 'compute-6', 'compute-7', 'compute-8', 'compute-9'],
  ]);
});

test('order of tests – has every file once, also if none of them waits, or each', (t) => {
  t.deepEqual(order(['compute-0', 'compute-1']), ['compute-0', 'compute-1']);
  t.deepEqual(order(['wait-0', 'wait-1']), ['wait-0', 'wait-1']);
  t.deepEqual(order([]), []);
});
