import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { parse } from 'yaml';
import { findProgram } from '../support/debian-binary.ts';
import { programTest } from '../support/debian-test.ts';
import { healthy, type Scenario, scenarios } from './scenarios.ts';

const promtoolTest = await programTest('promtool');
const rules = fileURLToPath(new URL('../../observability/rules.yaml', import.meta.url));

/** What promtool prints. @throws Error with its message if it finds a mistake */
async function promtool(...args: string[]): Promise<string> {
  const program = await findProgram('promtool');
  const env = { ...process.env, ...program?.env };
  const { stdout } = await promisify(execFile)(program?.path ?? '', args, { env, timeout: 60_000 });
  return stdout;
}

/** One test of promtool: what fires after 90 minutes, and nothing else. */
function asPromtoolTest({ title, series, fires }: Scenario) {
  return {
    name: title,
    interval: '30s',
    input_series: Object.entries({ ...healthy, ...series }).map(([name, values]) => ({
      series: name,
      values,
    })),
    promql_expr_test: [
      {
        expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: '90m',
        exp_samples: fires.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
      },
    ],
  };
}

promtoolTest('rules – promtool accepts them', async (t) => {
  t.regex(await promtool('check', 'rules', rules), /SUCCESS: \d+ rules found/);
});

promtoolTest('rules – each alert fires in its scenario, and no other alert does', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-rules-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'tests.yaml');
  const tests = { rule_files: [rules], evaluation_interval: '30s', tests: scenarios.map(asPromtoolTest) };
  await writeFile(file, JSON.stringify(tests));
  const said = await promtool('test', 'rules', file).catch(
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  );
  t.regex(said, /SUCCESS/);
});

test('rules – each alert has a scenario', async (t) => {
  const { groups } = parse(await readFile(rules, 'utf8')) as { groups: { rules: { alert?: string }[] }[] };
  const alerts = groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []));
  t.deepEqual([...new Set(scenarios.flatMap(({ fires }) => fires))].sort(), alerts.sort());
});
