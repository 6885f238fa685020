import test from 'ava';
import { Gauge, Histogram, Registry } from 'prom-client';
import type { Decision } from '../../src/core/decision.ts';
import { addDecisionCounts } from '../../src/operate/decision-counts.ts';
import { metricsText } from '../../src/operate/metrics-text.ts';

const rules = 1_200;

/** Three metrics without values or with few, and one with a series for each rule. */
function manySeries(): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({ name: 'empty', help: 'None', labelNames: ['of'], registers });
  const decided = addDecisionCounts(registry, { name: 'decisions_total', help: 'Many "of" them\\' });
  for (let rule = 0; rule < rules; rule++) {
    const found = { rule: { name: `rule "${rule}"` } };
    decided({ effect: 'allow', reason: 'allowed', found } as unknown as Decision, 'grpc');
  }
  const seconds = new Histogram({ name: 'seconds', help: 'Time', labelNames: ['of'], registers });
  for (const value of [0.01, 0.2, 30]) seconds.observe({ of: 'a' }, value);
  new Gauge({ name: 'one', help: 'One', registers }).set(1);
  return registry;
}

test('metrics text – is what prom-client writes', async (t) => {
  const registry = manySeries();
  const text = await metricsText(registry);
  t.is(text, await registry.metrics());
  t.is(text.match(/^decisions_total\{/gm)?.length, rules);
  t.is(await metricsText(new Registry()), await new Registry().metrics());
});

test('metrics text – other work runs while many series are written', async (t) => {
  let turns = 0;
  let isWritten = false;
  const count = (): void => {
    turns++;
    if (!isWritten) setImmediate(count);
  };
  setImmediate(count);
  await metricsText(manySeries());
  isWritten = true;
  t.is(turns, Math.floor(rules / 500));
});
