import { createReadStream } from 'node:fs';
import { type DecisionLine, parseDecisionLine } from '../decision-lines/decision-line.ts';
import { linesOf } from '../decision-lines/lines.ts';
import type { OnStep } from '../lib/on-step.ts';

/**
 * Looks for a decision in a log. Reads it line by line, so its size does not matter.
 * @param file `-` is standard input
 * @param id of the decision, of the request or of the trace; undefined: the first decision of the log
 * @throws if the file cannot be read
 */
export async function findDecision(
  file: string,
  id: string | undefined,
  onStep: OnStep,
): Promise<DecisionLine | undefined> {
  const stream = file === '-' ? process.stdin : createReadStream(file);
  let read = 0;
  for await (const text of linesOf(stream)) {
    onStep('lines of the log', ++read);
    // Reading each line as JSON takes ten times as long.
    if (id !== undefined && !text.includes(id)) continue;
    const line = parseDecisionLine(text);
    if (line && (id === undefined || isMeant(line, id))) return line;
  }
  return undefined;
}

function isMeant({ decision_id: decision, request_id: request, trace_id: trace }: DecisionLine, id: string) {
  return [decision, request, trace].includes(id);
}
