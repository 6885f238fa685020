import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { Malformed } from '../lib/malformed.ts';
import { createFilter, type PatternKind, patternKinds } from '../log-view/filter.ts';
import { parseSince } from '../log-view/since.ts';

/** Says whether a decision is shown. */
export type Shows = (line: DecisionLine, text: string) => boolean;

/** Characters. Longer filters are refused. */
const longest = 1_000;
/** Words. Each is compared with each line. */
const mostWords = 20;

/**
 * Reads a filter, with the words of `peerproof log`: `deny`, `since=10m`, `rule=orders/*`, `reason=token_*`.
 * A word without `=` must stand somewhere in the line. All words must match, and words of one kind are
 * alternatives.
 */
export function readFilter(written: string, now: number): Shows | Malformed {
  if (written.length > longest) return new Malformed(`The filter is longer than ${longest} characters.`);
  const words = written.split(/\s+/).filter((word) => word !== '');
  if (words.length > mostWords) return new Malformed(`The filter has more than ${mostWords} words.`);
  const patterns: Partial<Record<PatternKind, string[]>> = {};
  const anywhere: string[] = [];
  let deny = false;
  let since: number | undefined;
  for (const word of words) {
    const [, name, value = ''] = /^([a-z]+)=(.+)$/.exec(word) ?? [];
    const kind = patternKinds.find((one) => one === name);
    if (word === 'deny') deny = true;
    else if (name === 'since') {
      since = parseSince(value, now);
      if (since === undefined) return new Malformed('since must be a time, such as since=10m.');
    } else if (kind) patterns[kind] = [...(patterns[kind] ?? []), value];
    else if (name !== undefined)
      return new Malformed(`${name}= is not known here. Known are since and ${patternKinds.join(', ')}.`);
    else anywhere.push(word.toLowerCase());
  }
  const matches = createFilter({ deny, since, patterns });
  return (line, text) => {
    if (!matches(line)) return false;
    if (anywhere.length === 0) return true;
    const lower = text.toLowerCase();
    return anywhere.every((word) => lower.includes(word));
  };
}
