import { type Line, severities } from './report.ts';

/** What each severity asks of the reader, as the heading of its lines. */
const headings: Readonly<Record<Line['severity'], string>> = {
  error: 'Errors: nothing can be used before these are corrected',
  'not carried over': 'Not carried over: Peerproof is stricter here until you write it by hand',
  warning: 'Warnings: look at these before you go on',
  replaced: 'Replaced: another setting does the same',
  kept: 'Kept',
  'not needed': 'Not needed',
};

/** The report as Markdown: totals first, then the lines, the most severe first. */
export function writeReport(lines: readonly Line[]): string {
  const parts = severities.flatMap((severity) => {
    const own = lines.filter((line) => line.severity === severity);
    if (own.length === 0) return [];
    return [`## ${headings[severity]}\n\n${own.map((line) => `- ${toMarkdown(line)}`).join('\n')}\n`];
  });
  return [`# Report of the migration\n\n${countLines(lines)}\n`, ...parts].join('\n');
}

/** The totals in one sentence, the most severe first. */
export function countLines(lines: readonly Line[]): string {
  const totals = severities.flatMap((severity) => {
    const count = lines.filter((line) => line.severity === severity).length;
    return count > 0 ? [`${count} ${nouns[severity](count)}`] : [];
  });
  return totals.length > 0 ? totals.join(', ') : 'no option was given';
}

const unchanged = (severity: Line['severity']) => () => severity;
const nouns: Readonly<Record<Line['severity'], (count: number) => string>> = {
  error: (count) => (count === 1 ? 'error' : 'errors'),
  'not carried over': unchanged('not carried over'),
  warning: (count) => (count === 1 ? 'warning' : 'warnings'),
  replaced: unchanged('replaced'),
  kept: unchanged('kept'),
  'not needed': unchanged('not needed'),
};

/**
 * The text without the severity, which the heading has. Markdown would read some characters of a path or a
 * pattern as its own.
 */
function toMarkdown({ severity, text }: Line): string {
  return text.replace(`${severity}: `, '').replace(/[\\*_<>|`[\]]/g, '\\$&');
}
