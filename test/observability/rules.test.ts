import { readFile } from 'node:fs/promises';
import test from 'ava';
import { parse } from 'yaml';
import { programTest } from '../support/debian-test.ts';
import { promtool, promtoolTests, rulesFile } from './promtool.ts';
import { scenarios } from './scenarios.ts';

const promtoolTest = await programTest('promtool');
interface AlertRule {
  readonly alert?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const rules = parse(await readFile(rulesFile, 'utf8')) as { groups: { rules: AlertRule[] }[] };

promtoolTest('rules – promtool accepts them', async (t) => {
  t.regex(await promtool(t, 'check rules', rules), /SUCCESS: \d+ rules found/);
});

promtoolTest('rules – each alert fires in its scenario, and no other alert does', async (t) => {
  const expected = scenarios.map(({ title, series, fires }) => ({
    ...{ title, series, query: 'group by (alertname) (ALERTS{alertstate="firing"})' },
    values: fires.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
  }));
  t.regex(await promtool(t, 'test rules', promtoolTests(expected)), /SUCCESS/);
});

promtoolTest(
  'rules – an alert links to the address of the documents, which stands in one place',
  async (t) => {
    const file = await readFile(rulesFile, 'utf8');
    t.is(file.match(/https:/g)?.length, 1);
    const { alert, labels, annotations } =
      rules.groups.flatMap((group) => group.rules).find((rule) => rule.alert === 'PeerproofAbsent') ?? {};
    const runbook = 'https://docs.example.com/peerproof/runbook.md#peerproofabsent';
    const fired = { exp_labels: labels, exp_annotations: { ...annotations, runbook_url: runbook } };
    const absent = { alertname: alert, eval_time: '10m', exp_alerts: [fired] };
    const content = { rule_files: [rulesFile], tests: [{ interval: '1m', alert_rule_test: [absent] }] };
    t.regex(await promtool(t, 'test rules', content), /SUCCESS/);
  },
);

test('rules – each alert has a scenario', (t) => {
  const alerts = rules.groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []));
  t.deepEqual([...new Set(scenarios.flatMap(({ fires }) => fires))].sort(), alerts.sort());
});
