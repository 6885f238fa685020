import test from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import { isOrdinary, LineTap } from '../../src/operate/line-tap.ts';
import { Samples } from '../../src/operate/samples.ts';
import { RuleTally } from '../../src/operate/tally.ts';

const decision = (rule: string | undefined, effect: string, reason: string) =>
  ({ effect, reason, found: rule === undefined ? {} : { rule: { name: rule } } }) as Decision;

test('tally – checks by rule, with the last hit and the reasons of refusals', (t) => {
  const tally = new RuleTally();
  tally.count(decision('orders', 'allow', 'allowed'), 1);
  tally.count(decision('orders', 'deny', 'token_missing'), 2);
  tally.count(decision('orders', 'unavailable', 'overloaded'), 3);
  tally.count(decision('orders', 'allow', 'allowed'), 4);
  tally.count(decision(undefined, 'deny', 'no_rule'), 5);
  tally.count(decision(undefined, 'answer', 'metadata_served'), 9);
  t.deepEqual(tally.read(), [
    {
      ...{ rule: 'orders', allowed: 2, refused: 2, lastHit: 4, lastRefusal: 3 },
      reasons: { token_missing: 1, overloaded: 1 },
    },
    { rule: '', allowed: 0, refused: 1, lastHit: 5, lastRefusal: 5, reasons: { no_rule: 1 } },
  ]);
  tally.count(decision('health', 'allow', 'public'), 6);
  t.deepEqual(
    tally.top(2).map(({ rule }) => rule),
    ['orders', ''],
  );
  t.is(tally.top(1).length, 1);
});

test('tally – new names of rules do not take more and more memory', (t) => {
  const tally = new RuleTally();
  for (let n = 0; n < 30_000; n++) tally.count(decision(`rule-${n}`, 'allow', 'allowed'), n);
  const rules = tally.read().map(({ rule }) => rule);
  t.is(rules.length, 20_000);
  t.is(rules[0], 'rule-10000');
  t.is(rules.at(-1), 'rule-29999');
});

test('samples – after the clock was set back, the newest sample is that of now', (t) => {
  let [checks, now] = [0, 1_000_000];
  const totals = () => ({ allow: checks, deny: 0, unavailable: 0, answer: 0, buckets: [checks, 0] });
  const samples = new Samples(totals, () => now);
  for (const seconds of [1_000, 1_005, 1_010, 4_600, 4_605, 1_010, 1_015]) {
    checks++;
    now = seconds * 1_000;
    samples.take();
  }
  t.deepEqual(
    samples.read().map(({ at }) => at),
    [1_000, 1_005, 1_010, 1_010, 1_015],
  );
});

test('samples – each holds the checks of its period, and the last 15 minutes are kept', (t) => {
  let [checks, now] = [0, 1_000_000];
  const totals = () => ({ allow: checks, deny: 0, unavailable: 0, answer: 0, buckets: [checks, 0] });
  const samples = new Samples(totals, () => now);
  for (let n = 1; n <= 200; n++) {
    checks += n;
    now += 5_000;
    samples.take();
  }
  t.is(samples.read().length, 180);
  t.like(samples.read().at(-1), { at: 2_000, allow: 200, buckets: [200, 0] });
  t.like(samples.read()[0], { at: 1_105, allow: 21 });
});

test('line tap – passes each line on, and keeps the last refusals while there is a console', (t) => {
  const log: string[] = [];
  const tap = new LineTap({ write: (line) => log.push(line) });
  tap.write('{"level":40,"before":true}\n');
  t.deepEqual(tap.kept(), []);
  tap.isOn = true;
  for (let n = 0; n < 300; n++) {
    tap.write(`{"level":30,"n":${n}}\n`);
    tap.write(`{"level":40,"n":${n}}\n`);
  }
  t.is(log.length, 601);
  t.is(tap.kept().length, 256);
  t.is(tap.kept()[0], '{"level":40,"n":44}\n');
  t.is(tap.kept().at(-1), '{"level":40,"n":299}\n');
});

test('line tap – knows an allow in both formats', (t) => {
  t.true(isOrdinary('{"level":30,"time":"x"}'));
  t.false(isOrdinary('{"level":40,"detail":"level\\":30"}'));
  t.true(isOrdinary('{"@timestamp":"2026-01-31T12:00:00.000Z","log.level":"info","ecs.version":"8.11.0"}'));
  t.false(isOrdinary('{"@timestamp":"2026-01-31T12:00:00.000Z","log.level":"warn","ecs.version":"8.11.0"}'));
});
