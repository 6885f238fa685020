import { readFile } from 'node:fs/promises';
import test from 'ava';
import { parse } from 'yaml';
import { programTest } from '../support/debian-test.ts';
import { promtool, promtoolTests, rulesFile } from './promtool.ts';
import { scenarios } from './scenarios.ts';

const promtoolTest = await programTest('promtool');
const rules = parse(await readFile(rulesFile, 'utf8')) as { groups: { rules: { alert?: string }[] }[] };

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

test('rules – each alert has a scenario', (t) => {
  const alerts = rules.groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []));
  t.deepEqual([...new Set(scenarios.flatMap(({ fires }) => fires))].sort(), alerts.sort());
});
