import test from 'ava';
import { Registry } from 'prom-client';
import type { Decision } from '../../src/core/decision.ts';
import { addDecisionCounts } from '../../src/operate/decision-counts.ts';

test('decision counts – one number for each effect, reason, rule and door, as prom-client writes it', async (t) => {
  const registry = new Registry();
  const counted = addDecisionCounts(registry, { name: 'decisions_total', help: 'Decisions.' });
  const one = (effect: string, reason: string, rule?: string) =>
    ({ effect, reason, found: rule === undefined ? {} : { rule: { name: rule } } }) as Decision;
  counted(one('allow', 'allowed', 'orders'), 'grpc');
  counted(one('allow', 'allowed', 'orders'), 'grpc');
  counted(one('allow', 'allowed', 'orders'), 'http');
  counted(one('deny', 'scope_missing', 'orders'), 'grpc');
  counted(one('deny', 'no_rule'), 'forward-auth');
  t.is(
    await registry.metrics(),
    [
      '# HELP decisions_total Decisions.',
      '# TYPE decisions_total counter',
      'decisions_total{effect="allow",reason="allowed",rule="orders",door="grpc"} 2',
      'decisions_total{effect="allow",reason="allowed",rule="orders",door="http"} 1',
      'decisions_total{effect="deny",reason="scope_missing",rule="orders",door="grpc"} 1',
      'decisions_total{effect="deny",reason="no_rule",rule="",door="forward-auth"} 1',
      '',
    ].join('\n'),
  );
});

test('decision counts – names of rules that change with each reload do not fill the memory', async (t) => {
  const registry = new Registry();
  const counted = addDecisionCounts(registry, { name: 'decisions_total', help: 'Decisions.' });
  const one = (rule: string) =>
    ({ effect: 'allow', reason: 'allowed', found: { rule: { name: rule } } }) as Decision;
  for (let at = 0; at < 100_002; at++) counted(one(`team/r${at}`), 'grpc');
  counted(one('team/r100001'), 'grpc');
  t.deepEqual((await registry.metrics()).split('\n').slice(2), [
    'decisions_total{effect="allow",reason="allowed",rule="team/r100000",door="grpc"} 1',
    'decisions_total{effect="allow",reason="allowed",rule="team/r100001",door="grpc"} 2',
    '',
  ]);
});
