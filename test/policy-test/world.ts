import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { ConfigError, problemLine } from '../../src/config/problem.ts';
import { runTests, type TestOptions, type TestOutcome } from '../../src/policy-test/command.ts';

export const now = Date.UTC(2026, 0, 1);

/** A configuration with one rule. */
export const small = `
issuers:
  login: {issuer: "https://login.example", audiences: [orders]}
rules:
  - {name: orders, match: {hosts: [orders.example], methods: [GET]}, require: {scopes: [read], binding: [none]}}
`;

/** Runs the text of a test file against the text of a configuration. Their files are `t.yaml` and `c.yaml`. */
export async function runText(
  t: ExecutionContext,
  tests: string,
  { config = small, ...options }: Partial<Omit<TestOptions, 'config'>> & { config?: string } = {},
): Promise<TestOutcome & { readonly problems: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'c.yaml'), config);
  writeFileSync(join(folder, 't.yaml'), `config: c.yaml\n${tests}`);
  const plain = (text: string) => text.replaceAll(`${folder}/`, '');
  try {
    const { output, junit, exitCode } = await runTests({
      files: [join(folder, 't.yaml')],
      ...{ config: undefined, filter: undefined, format: 'text', coverage: false, mutate: false },
      ...{ minNoticed: undefined, now },
      ...options,
    });
    return { output: plain(output), junit: plain(junit), exitCode, problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.problems.map((problem) => plain(problemLine(problem)));
    return { output: '', junit: '', exitCode: 2, problems };
  }
}
