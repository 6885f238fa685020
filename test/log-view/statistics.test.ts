import test from 'ava';
import fc from 'fast-check';
import type { DecisionLine } from '../../src/decision-lines/decision-line.ts';
import { createCounts } from '../../src/log-view/counts.ts';
import { createPaint } from '../../src/log-view/paint.ts';
import { createPercentiles } from '../../src/log-view/percentiles.ts';
import { createStatistics } from '../../src/log-view/statistics.ts';

const plain = createPaint('never', process.stdout);

test('statistics – shares, latencies and the most frequent names', (t) => {
  const statistics = createStatistics();
  const add = (line: DecisionLine, times: number) => {
    for (let index = 0; index < times; index++) statistics.add(line);
  };
  const time = '2026-01-02T00:00:01.000Z';
  add(
    { time, effect: 'allow', reason: 'allowed', rule: 'a', spiffe_id: 'spiffe://x/y', duration_us: 100 },
    6,
  );
  add({ time, effect: 'deny', reason: 'no_rule', duration_us: 5_000 }, 3);
  add({ time, effect: 'allow', reason: 'observed', would_deny: 'no_rule', rule: 'b' }, 1);
  t.deepEqual(statistics.show(plain), [
    `10 decisions from ${time} to ${time}`,
    'allow 60.0 %  deny 30.0 %  would-deny 10.0 %',
    'latency  p50 0.101 ms  p90 4.99 ms  p99 4.99 ms',
    '',
    'reasons',
    '         6   60.0 %  allowed',
    '         4   40.0 %  no_rule',
    '',
    'rules',
    '         6   60.0 %  a',
    '         1   10.0 %  b',
    '',
    'peers',
    '         6   60.0 %  spiffe://x/y',
  ]);
});

test('statistics – a line of a sampled log counts for all that it stands for', (t) => {
  const statistics = createStatistics();
  statistics.add({ effect: 'allow', reason: 'allowed', sampled: 0.01 });
  for (let index = 0; index < 25; index++) statistics.add({ effect: 'deny', reason: 'no_rule' });
  t.is(statistics.show(plain)[1], 'allow 80.0 %  deny 20.0 %');
});

test('statistics – without a decision there is nothing to divide by', (t) => {
  t.deepEqual(createStatistics().show(plain), ['0 decisions from - to -', 'allow 0.0 %']);
});

test('statistics – the number of names is bounded, and the rest is counted', (t) => {
  const counts = createCounts();
  for (let index = 0; index < 3_000; index++) counts.add(`name-${index}`, 1);
  counts.add('name-3', 4);
  t.deepEqual(counts.top(1), [['name-3', 5]]);
  t.is(counts.top(5_000).length, 1_000);
  t.is(counts.rest(1), 2_999);
});

test('percentiles – are off by one percent at most', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 50 }), (values) => {
        const percentiles = createPercentiles();
        for (const value of values) percentiles.add(value, 1);
        const sorted = values.toSorted((a, b) => a - b);
        for (const share of [0.5, 0.9, 0.99]) {
          const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
          const error = Math.abs((percentiles.at(share) ?? 0) / exact - 1);
          t.true(error < 0.0101, `${exact} ${percentiles.at(share)}`);
        }
      }),
    ),
  );
});

test('percentiles – values beyond every bound do not break them', (t) => {
  const percentiles = createPercentiles();
  t.is(percentiles.at(0.5), undefined);
  for (const value of [0, 0.5, 1e12, Number.MAX_VALUE]) percentiles.add(value, 1);
  t.true(Number.isFinite(percentiles.at(0.99)));
});
