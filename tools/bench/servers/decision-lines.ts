import { readFileSync, statSync, truncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const standsStill = 3_000;

/** What the decision log says of some checks: the proof of what a row measured. */
export interface DecisionLines {
  readonly lines: number;
  /** How many of the tokens had been verified by an earlier check. */
  readonly remembered: number;
}

/** Waits until the log stands still, counts its lines since the last call, and empties it. */
export async function takeLines(file: string, expected: number): Promise<DecisionLines> {
  // It is written in the background: it is whole when every line is there, or when no more come.
  let [size, text] = [-1, readFileSync(file)];
  for (let waited = 0; waited < standsStill && occurrences(text, decision) < expected; waited += 50) {
    await sleep(50);
    const { size: now } = statSync(file);
    if (now === size) continue;
    [waited, size, text] = [0, now, readFileSync(file)];
  }
  truncateSync(file);
  return { lines: occurrences(text, decision), remembered: occurrences(text, '"cache_hit":true') };
}

const decision = '"decision_id":';

function occurrences(text: Buffer, what: string): number {
  let found = 0;
  for (let at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + what.length)) found++;
  return found;
}
