import { parseDecisionLine } from '../decision-lines/decision-line.ts';
import type { GivenKeys } from '../explain/offline.ts';
import { filledText, type JsonObject } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import type { ConsoleSource } from '../serve/console-source.ts';
import { type ConsoleAnswer, json } from './answer.ts';
import type { Apart } from './apart.ts';
import type { Job } from './jobs.ts';

/**
 * Explains what was asked, by the running configuration: a line, a decision by its ID, or a request. Nobody
 * is asked about a token, and nothing of it is kept or logged. The keys are those that the service has now.
 */
export async function explainAsked(
  asked: JsonObject,
  source: ConsoleSource,
  apart: Apart,
  signal: AbortSignal,
): Promise<ConsoleAnswer> {
  const job = await jobOf(asked, source);
  if (job instanceof Malformed) return json({ problem: job.why }, 400);
  const answer = await apart.run(job, signal);
  return answer instanceof Malformed ? json({ problem: answer.why }, 422) : json(answer);
}

async function jobOf(asked: JsonObject, source: ConsoleSource): Promise<Job | Malformed> {
  const { loaded, tap } = source;
  const { file, text, files } = loaded();
  const common = { source: { file, text, files }, now: Date.now() };
  const decision = filledText(asked.decision)?.trim();
  if (decision) {
    const line = parseDecisionLine(decision) ? decision : findById(decision, tap.kept());
    return line === undefined
      ? new Malformed(
          'This is no line of the decision log, and none of the last refusals has this ID. Paste the whole line.',
        )
      : { name: 'explain-line', line, ...common };
  }
  const host = filledText(asked.host)?.trim();
  if (!host) return new Malformed('Write a decision, or at least the host of a request.');
  const token = filledText(asked.token)?.trim();
  const sent = {
    host,
    method: filledText(asked.method)?.trim() ?? 'GET',
    path: filledText(asked.path)?.trim() ?? '/',
    headers: token ? [['authorization', `Bearer ${token.replace(/^Bearer +/i, '')}`] as const] : [],
    certificate: filledText(asked.certificate)?.trim(),
  };
  return { name: 'explain-request', sent, keys: await keysHere(source), ...common };
}

/** The keys of a process. Those of all processes are equal, unless one has fetched them later. */
async function keysHere({ loaded, views }: ConsoleSource): Promise<GivenKeys> {
  const { issuers } = loaded().config;
  const known = (await views({ keys: true })).flatMap(({ keys }) => Object.entries(keys ?? {}));
  return new Map(known.filter(([name]) => Object.hasOwn(issuers, name)));
}

/** Looks for the ID of a decision, a request or a trace. */
function findById(id: string, lines: readonly string[]): string | undefined {
  return lines.findLast((line) => {
    if (!line.includes(id)) return false;
    const { decision_id: decision, request_id: request, trace_id: trace } = parseDecisionLine(line) ?? {};
    return [decision, request, trace].includes(id);
  });
}
