import { readFileSync } from 'node:fs';
import { readText } from '../config/document.ts';
import { createDraft } from '../config/draft.ts';
import { checkDocument } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { refusingWith } from '../config/teams/object-file.ts';
import { decisionTime, parseDecisionLine } from '../decision-lines/decision-line.ts';
import { codeAndCause } from '../lib/file-causes.ts';
import { Malformed } from '../lib/malformed.ts';
import { type OnStep, untold } from '../lib/on-step.ts';
import { type Explanation, explainRecorded, explainRequest } from './explanation.ts';
import { createFetchedTrials } from './fetched.ts';
import { readRecorded } from './likewise.ts';
import { findDecision } from './log-search.ts';
import { createOfflineTrials } from './offline.ts';
import { evidenceOfOptions, type RequestOptions } from './question.ts';
import { reportJson, reportText } from './report.ts';
import type { Trials } from './trials.ts';

/** The options of the command. */
export interface ExplainOptions extends RequestOptions {
  readonly config: string;
  /** A file with objects of teams. */
  readonly objects?: string | undefined;
  readonly id?: string | undefined;
  readonly log?: string | undefined;
  readonly line?: string | undefined;
  /** `NAME=FILE` each. */
  readonly keys?: readonly string[] | undefined;
  readonly fetch?: boolean | undefined;
  readonly now?: string | undefined;
  readonly format?: string | undefined;
  readonly 'show-secrets'?: boolean | undefined;
  readonly onStep?: OnStep;
}

/** What the command prints, and how it ends. */
export interface Explained {
  /** 0 allowed, 1 denied or unavailable, 2 wrong usage, or a wrong configuration. */
  readonly exitCode: 0 | 1 | 2;
  readonly text: string;
}

/**
 * Explains a decision in a log, or decides about a request and explains that.
 * @param colored for a terminal
 */
export async function explain(options: ExplainOptions, colored: boolean): Promise<Explained> {
  const { format = 'text', now: time } = options;
  if (format !== 'text' && format !== 'json') return misuse('--format must be text or json');
  const now = time === undefined ? Date.now() : Date.parse(time);
  if (!Number.isFinite(now)) return misuse('--now must be a time, such as 2026-01-31T12:00:00Z');
  let explanation: Explanation | Malformed;
  try {
    explanation = describesRequest(options)
      ? await explainSent(options, now)
      : await explainLogged(options, now);
  } catch (error) {
    // Exit code 1 would say that the request is denied.
    if (error instanceof ConfigError) return misuse(error.message);
    const { code, path = 'a file', syscall } = error as NodeJS.ErrnoException;
    if (syscall !== undefined) return misuse(`${path} cannot be read ${codeAndCause(code)}`);
    if (error instanceof TypeError && error.message.startsWith('--keys')) return misuse(error.message);
    throw error;
  }
  if (explanation instanceof Malformed) return misuse(explanation.why);
  return {
    exitCode: explanation.told.effect === 'allow' ? 0 : 1,
    text: format === 'json' ? reportJson(explanation) : reportText(explanation, colored),
  };
}

function misuse(text: string): Explained {
  return { exitCode: 2, text };
}

function describesRequest({ check, curl, host, method, path, token }: ExplainOptions): boolean {
  return [check, curl, host, method, path, token].some((option) => option !== undefined);
}

async function explainSent(options: ExplainOptions, now: number): Promise<Explanation | Malformed> {
  const { config: file, fetch, line, id, log } = options;
  if ([line, id, log].some((option) => option !== undefined))
    return new Malformed('--line, --id and --log cannot be combined with a request: use one of them');
  const evidence = evidenceOfOptions(options);
  if (evidence instanceof Malformed) return evidence;
  const keys = readKeys(options.keys ?? []);
  if (keys instanceof Malformed) return keys;
  if (fetch && keys.size > 0) return new Malformed('--fetch and --keys cannot be combined: use one of them');
  const draft = createDraft(readText(file), file, refusingWith(options.objects));
  const { 'show-secrets': showSecrets = false, onStep = untold } = options;
  if (!fetch) {
    const trials = counted(createOfflineTrials(evidence, keys, now), onStep);
    return explainRequest(trials, draft, showSecrets);
  }
  const trials = createFetchedTrials(evidence, now);
  return explainRequest(counted(trials, onStep), draft, showSecrets).finally(() => trials.stop());
}

/** The same trials. Says how many were made. */
function counted({ now, try: attempt }: Trials, onStep: OnStep): Trials {
  let made = 0;
  return {
    now,
    try(draft) {
      onStep('trials of a configuration', made++);
      return attempt(draft);
    },
  };
}

function readKeys(pairs: readonly string[]): ReadonlyMap<string, string> | Malformed {
  const keys = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) return new Malformed('--keys must be NAME=FILE, such as login=jwks.json');
    keys.set(pair.slice(0, at), readFileSync(pair.slice(at + 1), 'utf8'));
  }
  return keys;
}

async function explainLogged(options: ExplainOptions, now: number): Promise<Explanation | Malformed> {
  const { config: file, line: pasted, id, log, onStep = untold } = options;
  if (pasted === undefined && log === undefined && process.stdin.isTTY)
    return new Malformed('--log or --line is missing, or describe a request: --host, --curl or --check');
  const draft = createDraft(readText(file), file, refusingWith(options.objects));
  // Before the log, which can be long, or come from a program that is still running.
  const loaded = checkDocument(draft.document, file, 'here', draft.teams);
  const line = pasted === undefined ? await findDecision(log ?? '-', id, onStep) : parseDecisionLine(pasted);
  if (!line) return new Malformed(notFound(pasted, id, log));
  const recorded = await readRecorded(line, draft, decisionTime(line) ?? now, loaded);
  if (!recorded)
    return new Malformed(`the reason ${JSON.stringify(line.reason)} is not known to this version`);
  const { likewise } = recorded;
  const watched = likewise && { ...likewise, trials: counted(likewise.trials, onStep) };
  return explainRecorded({ ...recorded, likewise: watched }, options['show-secrets'] ?? false);
}

function notFound(pasted: string | undefined, id: string | undefined, log: string | undefined): string {
  if (pasted !== undefined) return '--line is not a line of the decision log';
  const where = log === undefined || log === '-' ? 'standard input' : log;
  return id === undefined
    ? `${where} holds no decision: paste a line of the decision log, or describe a request (--host, --curl, --check)`
    : `${where} holds no decision ${JSON.stringify(id)}`;
}
