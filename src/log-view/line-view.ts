import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { visibleStart, visibleWord } from '../lib/visible.ts';
import { formatMilliseconds } from './milliseconds.ts';
import type { Paint, Style } from './paint.ts';
import { causeOf, type Verdict, verdictOf } from './verdict.ts';

const styles: Readonly<Record<Verdict, Style>> = {
  allow: 'green',
  answer: 'green',
  deny: 'red',
  unavailable: 'magenta',
  'would-deny': 'yellow',
};

/** The width of the longest verdict, so that the reasons stand below each other. */
const width = Math.max(...Object.keys(styles).map(({ length }) => length));

/**
 * The fields that are shown with a name. The names are those of the filters. A Latin letter behind each value
 * keeps text that runs from right to left inside of its own field.
 */
const named: readonly (readonly [string, (line: DecisionLine) => string | undefined])[] = [
  ['rule', (line) => line.rule],
  ['subject', (line) => line.subject],
  ['issuer', (line) => line.issuer],
  ['client', (line) => line.client_id],
  ['actor', (line) => line.actor],
  ['spiffe', (line) => line.spiffe_id],
  ['via', (line) => line.via],
  ['id', (line) => line.decision_id],
  ['took', ({ duration_us: took }) => (took === undefined ? undefined : `${formatMilliseconds(took)}ms`)],
];

/**
 * One line for a person: time, verdict, reason, request, the facts, and the detail at the end. Whatever the
 * fields hold, the result has no line end, and no control character but those of `paint`.
 */
export function formatLine(line: DecisionLine, paint: Paint): string {
  const verdict = verdictOf(line);
  const { time = '-', detail } = line;
  const facts = [
    paint('dim', time),
    paint(styles[verdict], verdict.padEnd(width)),
    paint('bold', visibleWord(causeOf(line))),
    requestOf(line),
    ...named.flatMap(([name, read]) => {
      const value = read(line);
      return value === undefined ? [] : `${paint('dim', `${name}=`)}${visibleWord(value)}`;
    }),
  ].join(' ');
  return detail === undefined ? facts : `${facts}: ${visibleStart(detail)}`;
}

/** The request, or the destination of a connection. */
function requestOf({ method, host, path, destination }: DecisionLine): string {
  const target = `${host ?? ''}${path ?? ''}` || destination;
  return `${visibleWord(method ?? 'tcp')} ${target === undefined ? '-' : visibleWord(target)}`;
}
