import { styleText } from 'node:util';
import { type Headers, ways } from './asker.ts';
import type { Case } from './cases.ts';
import type { Finding } from './judge.ts';

/** So that it fits into a terminal of 120 columns. */
const width = 114;
const columns = { who: 16, request: 15, sends: 37, way: 6 } as const;
const indent = ' '.repeat(7);

type Style = Parameters<typeof styleText>[0];

/** Colour where standard output is a terminal that wants it (NO_COLOR, FORCE_COLOR); else the plain text. */
export function styled(style: Style, text: string): string {
  return styleText(style, text);
}

/** The heads of the columns. */
export function tableHead(): string {
  const { who, request, sends, way } = columns;
  const ofWays = ways.map((name) => name.padEnd(way)).join('');
  const names = ['who'.padEnd(who), 'asks'.padEnd(request), 'with'.padEnd(sends), ofWays, 'reason'];
  return styled('bold', `${indent}${names.join('')}`);
}

/** A case, its result, and why: the row, then indented lines that explain it. */
export function tableRow(number: number, one: Case, findings: readonly Finding[]): string {
  const good = findings.every(({ differences }) => differences.length === 0);
  const { who, request, sends, way } = columns;
  const mark = good ? styled('green', '✓') : styled(['red', 'bold'], '✗');
  const statuses = findings.map(({ answered: { status } }) =>
    styled(status === 200 ? 'green' : 'yellow', String(status).padEnd(way)),
  );
  const row = [
    ` ${mark} ${String(number).padStart(2)}  `,
    one.who.padEnd(who),
    `${one.method} ${one.path}`.padEnd(request),
    one.sends.padEnd(sends),
    ...statuses,
    styled('bold', reasonOf(findings)),
  ].join('');
  const lines = [row, styled('dim', wrap(`expected ${one.expect.status}: ${one.why}`, indent))];
  const [first] = findings;
  if (first?.answered.reached) lines.push(reachedLines(first.identity));
  for (const { way, differences } of findings)
    for (const difference of differences)
      lines.push(styled('red', wrap(`DIFFERS (${way}): ${difference}`, indent)));
  return lines.join('\n');
}

/** The reason in the decision log; one for each way if they differ. */
function reasonOf(findings: readonly Finding[]): string {
  const reasons = findings.map(({ logged }) => {
    if (!logged) return 'not in the decision log';
    return logged.reason === 'allowed' ? `allowed, by ${logged.bound_by}` : logged.reason;
  });
  return [...new Set(reasons)].join(' / ');
}

/** The identity headers, the shortest first, two to a line where they fit. */
function reachedLines(identity: Headers): string {
  const label = 'app received  ';
  if (identity.length === 0) return styled('cyan', `${indent}${label}no identity header`);
  const pairs = identity
    .map(([name, value]) => `${name}: ${shortened(name, value)}`)
    .toSorted((a, b) => a.length - b.length);
  const half = Math.floor((width - indent.length - label.length) / 2);
  const lines: string[] = [];
  for (const pair of pairs) {
    const before = lines.at(-1);
    if (before !== undefined && before.length < half && pair.length <= half)
      lines[lines.length - 1] = before.padEnd(half) + pair;
    else lines.push(pair);
  }
  const blank = ' '.repeat(label.length);
  return styled('cyan', lines.map((line, at) => `${indent}${at === 0 ? label : blank}${line}`).join('\n'));
}

/** Shortens hashes and repeated prefixes of XFCC for the screen. The whole value is compared. */
function shortened(name: string, value: string): string {
  if (name !== 'x-forwarded-client-cert') return value;
  return value
    .replace(/([0-9a-f]{8})[0-9a-f]{56}/g, '$1…')
    .replace(/spiffe:\/\/[^/]+\/ns\/[^/;,]+\//g, '…/')
    .replace(/"-----BEGIN[^"]*"/g, '"…"');
}

/** Breaks between words; every line begins with `start`. */
export function wrap(text: string, start: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(start + word);
  }
  return lines.join('\n');
}
