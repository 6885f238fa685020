import { parseDocument } from '../config/document.ts';
import type { LoadedConfig } from '../config/load.ts';
import { type DecisionLine, parseDecisionLine } from '../decision-lines/decision-line.ts';
import { listRules } from '../serve/create-policy.ts';
import { createTrial, type Trial } from '../trial/trial.ts';
import { type Case, createCases } from './cases.ts';
import { compare } from './compare.ts';
import { type Origins, type Rebuilt, rebuild } from './rebuild.ts';
import { type RecordedTest, recordedFile } from './recorded-file.ts';
import { policyTestSchema } from './schema.ts';

/** Tests that were made of a log. */
export interface Recording {
  /** A file of policy tests. */
  readonly text: string;
  readonly tests: number;
  readonly decisions: number;
  /** Different decisions that could not be rebuilt. */
  readonly leftOut: number;
}

/** Different decisions. More would make a file that nobody reads. */
const mostTests = 10_000;

/** What makes two lines the same test. */
const telling = [
  ...['effect', 'reason', 'rule', 'method', 'host', 'path', 'destination'],
  ...[
    'issuer',
    'subject',
    'client_id',
    'scopes',
    'token_kind',
    'service_account',
    'pod',
    'spiffe_id',
    'bound_by',
  ],
] as readonly (keyof DecisionLine)[];

/**
 * Makes a test of each different decision in a log: one for each request, caller and verdict. The log holds
 * neither claims nor headers, so each request is rebuilt and tried. It becomes a test only if the
 * configuration decides it as the log says; the file names the others. Lines of other programs are ignored.
 * @param now milliseconds since the epoch
 */
export async function record(
  lines: AsyncIterable<string>,
  config: LoadedConfig,
  now: number,
): Promise<Recording> {
  const seen = new Map<string, DecisionLine>();
  let decisions = 0;
  for await (const text of lines) {
    const line = parseDecisionLine(text);
    if (!line) continue;
    decisions++;
    const key = JSON.stringify(telling.map((name) => line[name] ?? null));
    if (seen.size < mostTests && !seen.has(key)) seen.set(key, line);
  }
  const trial = createTrial(config, now);
  const origins: Origins = {
    issuers: [...trial.issuers.values()].map(({ issuer }) => issuer),
    rules: new Map(listRules(config.config).map((rule) => [rule.name, rule])),
  };
  const tests: RecordedTest[] = [];
  const leftOut: string[] = [];
  for (const line of seen.values()) {
    const made = await makeTest(line, origins, trial, config, now);
    if (typeof made === 'string') leftOut.push(made);
    else tests.push(made);
  }
  const more = seen.size === mostTests ? [`every decision after the first ${mostTests} different ones`] : [];
  const text = recordedFile(config.file, decisions, tests, [...leftOut, ...more]);
  return { text, tests: tests.length, decisions, leftOut: leftOut.length };
}

/** A string says which decision could not be rebuilt, and why. */
async function makeTest(
  line: DecisionLine,
  origins: Origins,
  trial: Trial,
  config: LoadedConfig,
  now: number,
): Promise<RecordedTest | string> {
  const { method = 'a connection', host = '', path = '', effect, reason } = line;
  const what = `${method} ${host}${path}: ${effect} (${reason})`;
  if (effect === 'unavailable') return `${what}: a test has no outages`;
  let why = 'the log does not say enough';
  for (const rebuilt of rebuild(line, origins)) {
    const test = {
      line,
      rebuilt,
      expect: { effect, reason, ...(line.rule !== undefined && { rule: line.rule }) },
    };
    const one = readBack(test, origins, now);
    if (!one) continue;
    const decision = await trial.decide(one.request);
    if (compare(one.expected, decision, config.config.realm).length === 0) return test;
    why = `the log does not say enough: a request with what it says gets ${decision.effect} (${decision.reason})`;
  }
  return `${what}: ${why}`;
}

/** The test as a reader of the file gets it. Undefined if it cannot be written, or not to the end. */
function readBack(
  { rebuilt, expect, line }: { rebuilt: Rebuilt; expect: RecordedTest['expect']; line: DecisionLine },
  { issuers, rules }: Origins,
  now: number,
): Case | undefined {
  const { caller: from, request } = rebuilt;
  // The log cuts long texts.
  if ([line.host, line.path, line.destination, line.subject].some((text) => text?.endsWith('…')))
    return undefined;
  const to = line.destination === undefined ? {} : { to: line.destination };
  const read = policyTestSchema.safeParse({ tests: [{ name: 'recorded', request, from, expect, ...to }] });
  if (!read.success) return undefined;
  const names = { issuers: issuers.map(({ name }) => name), rules: new Set(rules.keys()) };
  const { cases, problems } = createCases(read.data, parseDocument('', ''), names, now);
  return problems.length > 0 ? undefined : cases[0];
}
