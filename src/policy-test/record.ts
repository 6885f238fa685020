import { parseDocument } from '../config/document.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { ChallengeStyle } from '../core/refusal.ts';
import { type DecisionLine, parseDecisionLine } from '../decision-lines/decision-line.ts';
import { challengeStyleOf } from '../http/settings.ts';
import { listRules } from '../serve/create-policy.ts';
import { createTrial, type Trial } from '../trial/trial.ts';
import { type Case, createCases } from './cases.ts';
import { compare } from './compare.ts';
import { type Origins, rebuild } from './rebuild.ts';
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

/** Characters. The service cuts what it logs of a caller, so a longer line is from somewhere else. */
const longestKey = 16_384;

/** What makes two lines the same test. */
const telling: readonly (keyof DecisionLine)[] = [
  'effect',
  'reason',
  'would_deny',
  'rule',
  'method',
  'host',
  'path',
  'destination',
  'issuer',
  'subject',
  'client_id',
  'actor',
  'prior_actors',
  'scopes',
  'token_kind',
  'service_account',
  'pod',
  'spiffe_id',
  'via',
  'bound_by',
];

/** What a line is rebuilt and tried with. */
interface Stage extends Origins {
  readonly trial: Trial;
  readonly style: ChallengeStyle;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

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
  const { decisions, different, isWhole } = await readLines(lines);
  const trial = createTrial(config, now);
  const stage: Stage = {
    ...{ trial, now, style: challengeStyleOf(config.config) },
    issuers: [...trial.issuers.values()].map(({ issuer }) => issuer),
    rules: new Map(listRules(config.config).map((rule) => [rule.name, rule])),
  };
  const tests: RecordedTest[] = [];
  const leftOut: string[] = [];
  for (const line of different) {
    const made = await makeTest(line, stage);
    if (typeof made === 'string') leftOut.push(made);
    else tests.push(made);
  }
  if (!isWhole) leftOut.push(`every decision after the first ${mostTests} different ones`);
  const text = recordedFile(config.file, decisions, tests, leftOut);
  return { text, tests: tests.length, decisions, leftOut: leftOut.length };
}

async function readLines(lines: AsyncIterable<string>) {
  const seen = new Map<string, DecisionLine>();
  let decisions = 0;
  let isWhole = true;
  for await (const text of lines) {
    const line = parseDecisionLine(text);
    const key = line ? JSON.stringify(telling.map((name) => line[name] ?? null)) : '';
    if (!line || key.length > longestKey) continue;
    decisions++;
    if (seen.has(key)) continue;
    if (seen.size < mostTests) seen.set(key, line);
    else isWhole = false;
  }
  return { decisions, different: [...seen.values()], isWhole };
}

/** A string says which decision could not be rebuilt, and why. */
async function makeTest(line: DecisionLine, stage: Stage): Promise<RecordedTest | string> {
  const { method = 'a connection', host = '', path = '', effect, reason, rule, would_deny: wouldDeny } = line;
  const what = `${method} ${host}${path}: ${effect} (${reason})`;
  if (effect === 'unavailable') return `${what}: a test has no outages`;
  const expect = {
    ...{ effect, reason },
    ...(wouldDeny !== undefined && { wouldDeny }),
    ...(rule !== undefined && { rule }),
  };
  let why = 'the log does not say enough';
  for (const rebuilt of rebuild(line, stage)) {
    const test = { line, rebuilt, expect };
    const one = readBack(test, stage);
    if (!one) continue;
    const decision = await stage.trial.decide(one.request);
    if (compare(one.expected, decision, stage.style).length === 0) return test;
    why = `the log does not say enough: a request with what it says gets ${decision.effect} (${decision.reason})`;
  }
  return `${what}: ${why}`;
}

const nowhere = parseDocument('', '');

/** The test as a reader of the file gets it. Undefined if it cannot be written, or not to its end. */
function readBack({ rebuilt, expect, line }: RecordedTest, { issuers, rules, now }: Stage): Case | undefined {
  const { host, path, destination, subject } = line;
  // The log cuts long texts.
  if ([host, path, destination, subject].some((text) => text?.endsWith('…'))) return undefined;
  const { caller: from, request } = rebuilt;
  const to = destination === undefined ? {} : { to: destination };
  const read = policyTestSchema.safeParse({ tests: [{ name: 'recorded', request, from, expect, ...to }] });
  if (!read.success) return undefined;
  const names = { issuers: issuers.map(({ name }) => name), rules: new Set(rules.keys()) };
  const { cases, problems } = createCases(read.data, nowhere, names, now);
  return problems.length > 0 ? undefined : cases[0];
}
