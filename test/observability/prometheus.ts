import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { findProgram } from '../support/debian-binary.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/processes.ts';
import { rulesFile } from './promtool.ts';

/** A series at this moment. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Asks a query, as the dashboard does. */
export type AskPrometheus = (query: string) => Promise<readonly Sample[]>;

/** The server is in the same package as promtool. Undefined where it is not beside it. */
export async function findPrometheus(): Promise<string | undefined> {
  const program = await findProgram('promtool');
  const path = program && join(dirname(program.path), 'prometheus');
  return (
    path &&
    access(path).then(
      () => path,
      () => undefined,
    )
  );
}

/**
 * A Prometheus that collects from a port twice a second, with our rules. Their times are those of a test: seconds in
 * place of minutes. It ends with the test.
 */
export async function startPrometheus(
  t: ExecutionContext,
  path: string,
  target: number,
): Promise<AskPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-prometheus-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  await writeFile(join(folder, 'rules.yaml'), hastened(await readFile(rulesFile, 'utf8')));
  const config = {
    global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
    rule_files: ['rules.yaml'],
    scrape_configs: [{ job_name: 'peerproof', static_configs: [{ targets: [`127.0.0.1:${target}`] }] }],
  };
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const base = `http://127.0.0.1:${port}`;
  const server = await startProcess({
    name: 'prometheus',
    command: path,
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    readyWithinMs: 30_000,
    ready: () =>
      fetch(`${base}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  t.teardown(() => server.stop());
  return async (query) => {
    const answer = await fetch(`${base}/api/v1/query?${new URLSearchParams({ query })}`);
    const { data } = (await answer.json()) as {
      data: { result: { metric: Record<string, string>; value: [time: number, value: string] }[] };
    };
    return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  };
}

function hastened(rules: string): string {
  return rules.replace(/\[\d+m\]/g, '[5s]').replace(/\bfor: \d+m$/gm, 'for: 3s');
}
