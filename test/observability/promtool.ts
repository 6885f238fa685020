import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import { findProgram } from '../support/debian-binary.ts';
import { healthy, type Series } from './scenarios.ts';

/** The rules that we publish. */
export const rulesFile = fileURLToPath(new URL('../../observability/rules.yaml', import.meta.url));

/** A query at the end of a scenario, and each value with its labels that it must have. */
export interface Expected {
  readonly title: string;
  /** They replace those that are healthy. */
  readonly series: Series;
  readonly query: string;
  readonly values: readonly { readonly labels: string; readonly value: number }[];
}

/** What promtool says about a file, good or bad. `command` is such as `check rules`. */
export async function promtool(t: ExecutionContext, command: string, content: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-rules-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'file.yaml');
  // JSON is YAML too.
  await writeFile(file, JSON.stringify(content));
  const program = await findProgram('promtool');
  const env = { ...process.env, ...program?.env };
  return promisify(execFile)(program?.path ?? '', [...command.split(' '), file], {
    env,
    // A minute was too short on a machine that is busy.
    timeout: 180_000,
  }).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
  );
}

/** A file of `promtool test rules`. Each query is asked after 90 minutes. */
export function promtoolTests(expected: readonly Expected[]): object {
  return {
    rule_files: [rulesFile],
    // As Prometheus does by default.
    evaluation_interval: '1m',
    tests: expected.map(({ title, series, query, values }) => ({
      ...{ name: title, interval: '30s' },
      input_series: Object.entries({ ...healthy, ...series }).map(([name, list]) => ({
        series: name,
        values: list,
      })),
      promql_expr_test: [{ expr: query, eval_time: '90m', exp_samples: values }],
    })),
  };
}
