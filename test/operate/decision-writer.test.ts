import test from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import { createDecisionWriter, type LogSettings } from '../../src/operate/decision-writer.ts';
import { allowOf } from '../support/answers.ts';

const settings: LogSettings = {
  format: 'json',
  level: 'info',
  sample: { default: 1, rules: {} },
  public: true,
  omit: [],
};
const evidence = { peer: {}, destination: { principal: '', port: 0 }, context: {} };
const rule = (name: string) => ({ rule: { name } as never });
const allow = allowOf(rule('orders'));
const open = allowOf(rule('health'), 'public');
const deny: Decision = { id: 'd', found: rule('orders'), effect: 'deny', reason: 'no_rule', detail: 'why' };
const outage: Decision = { ...deny, effect: 'unavailable', reason: 'overloaded' };
const observed = {
  ...allow,
  reason: 'observed',
  wouldDeny: { reason: 'scope_missing', detail: 'why' },
} as Decision;
const all = [allow, open, observed, deny, outage];

/** A writer, and what it did. */
function start(more: Partial<LogSettings>, random: () => number = () => 0.5) {
  const lines: Record<string, unknown>[] = [];
  const reports: number[] = [];
  const pending: (() => void)[] = [];
  let leftOut = 0;
  const write = createDecisionWriter({
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
    settings: { ...settings, ...more },
    random,
    onLeftOut: () => leftOut++,
    report: (count) => reports.push(count),
    later: (report) => pending.push(report),
  });
  return {
    lines,
    reports,
    pending,
    leftOut: () => leftOut,
    write: (decision: Decision, now = 0) => write(decision, evidence, 'grpc', 1, now),
  };
}

function reasonsOf(more: Partial<LogSettings>, random?: () => number): unknown[] {
  const { write, lines } = start(more, random);
  for (const decision of all) write(decision);
  return lines.map(({ reason }) => reason);
}

test('log settings – by default each decision has a line, and no line is sampled', (t) => {
  t.deepEqual(reasonsOf({}), ['allowed', 'public', 'observed', 'no_rule', 'overloaded']);
  const { write, lines } = start({});
  write(allow);
  t.false('sampled' in (lines[0] ?? {}));
});

const levels: [LogSettings['level'], string[]][] = [
  ['info', ['allowed', 'public', 'observed', 'no_rule', 'overloaded']],
  ['warn', ['observed', 'no_rule', 'overloaded']],
  ['error', ['overloaded']],
];
for (const [level, reasons] of levels)
  test(`log settings – level ${level} writes ${reasons.join(', ')}`, (t) => {
    t.deepEqual(reasonsOf({ level }), reasons);
  });

test('log settings – public: false leaves out what a public rule allows, and nothing else', (t) => {
  t.deepEqual(reasonsOf({ public: false }), ['allowed', 'observed', 'no_rule', 'overloaded']);
});

test('log settings – a share of 0 writes refusals only, whatever the random number is', (t) => {
  for (const random of [0, 0.999])
    t.deepEqual(
      reasonsOf({ sample: { default: 0, rules: {} } }, () => random),
      ['observed', 'no_rule', 'overloaded'],
    );
});

test('log settings – a share is the probability of a line, and the line says it', (t) => {
  let next = 0;
  const { write, lines } = start({ sample: { default: 0.25, rules: {} } }, () => next);
  for (next of [0, 0.249, 0.25, 0.999]) write(allow);
  t.deepEqual(
    lines.map(({ sampled }) => sampled),
    [0.25, 0.25],
  );
  write(deny);
  t.false('sampled' in (lines[2] ?? {}));
});

test('log settings – the share of a rule goes before the default, also for a rule that is called default', (t) => {
  const sample = { default: 0, rules: { orders: 1, default: 0.5 } };
  t.deepEqual(reasonsOf({ sample }), ['allowed', 'observed', 'no_rule', 'overloaded']);
  const { write, lines } = start({ sample }, () => 0.4);
  write(allowOf(rule('default')));
  write(allowOf(rule('constructor')));
  write(allow);
  t.deepEqual(
    lines.map(({ rule, sampled }) => [rule, sampled]),
    [
      ['default', 0.5],
      ['orders', undefined],
    ],
  );
});

test('log settings – lines beyond the bound of a second are counted, also those of refusals', (t) => {
  const { write, lines, leftOut } = start({ maxLinesPerSecond: 2 });
  for (const decision of [deny, allow, outage, allow]) write(decision, 7_999);
  t.deepEqual(
    lines.map(({ reason }) => reason),
    ['no_rule', 'allowed'],
  );
  t.is(leftOut(), 2);
  write(deny, 8_000);
  t.is(lines.length, 3);
});

test('log settings – lines that sampling leaves out take no room', (t) => {
  const { write, lines, leftOut } = start({ maxLinesPerSecond: 1, sample: { default: 0, rules: {} } });
  for (const decision of [allow, allow, deny]) write(decision);
  t.is(lines.length, 1);
  t.is(leftOut(), 0);
});

test('log settings – lines that were left out are reported once a period', (t) => {
  const { write, reports, pending } = start({ maxLinesPerSecond: 1 });
  write(deny);
  t.is(pending.length, 0);
  for (let second = 0; second < 3; second++) for (let line = 0; line < 4; line++) write(deny, second * 1_000);
  t.is(pending.length, 1);
  pending[0]?.();
  t.deepEqual(reports, [10]);
  write(deny, 2_000);
  t.is(pending.length, 2);
  pending[1]?.();
  t.deepEqual(reports, [10, 1]);
});
