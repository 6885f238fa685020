import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

const logOf = (more: string) => parseConfig(goodConfig({ more }), 'x').config.log;
const all = { default: 1, rules: {} };

test('log settings – the defaults write every line with every field', (t) => {
  t.deepEqual(logOf(''), { format: 'json', level: 'info', sample: all, public: true, omit: [] });
});

test('log settings – a share is one number, or one for each rule', (t) => {
  t.deepEqual(logOf('log: {sample: 0.25}').sample, { default: 0.25, rules: {} });
  t.deepEqual(logOf('log: {sample: {rules: {orders: 0}}}').sample, { default: 1, rules: { orders: 0 } });
});

const mistakes: [log: string, key: string, message: RegExp][] = [
  ['{sample: 1.5}', 'log.sample', /1/],
  ['{sample: -0.1}', 'log.sample', /0/],
  ['{sample: {rules: {order: 0.1}}}', 'log.sample.rules.order', /is not the name of a rule/],
  ['{omit: [decision_id]}', 'log.omit[0]', /./],
  ['{omit: [reason]}', 'log.omit[0]', /./],
  ['{omit: [user.id]}', 'log.omit[0]', /./],
  ['{level: debug}', 'log.level', /info/],
  ['{format: otlp}', 'log.format', /json/],
  ['{maxLinesPerSecond: 0}', 'log.maxLinesPerSecond', /1/],
];
for (const [log, key, message] of mistakes)
  test(`log settings – ${log} is refused at ${key}`, (t) => {
    const [problem, ...others] = problemsOf(goodConfig({ more: `log: ${log}` }));
    t.is(problem?.key, key);
    t.regex(problem?.message ?? '', message);
    t.deepEqual(others, []);
  });
