import { type Command, usualCodes } from './command.ts';
import { commands } from './commands.ts';
import { wrap, wrapUsage } from './wrap.ts';

export function overview(): string {
  const width = Math.max(...Object.keys(commands).map(({ length }) => length));
  const rows = Object.entries(commands).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${wrap(summary, width + 4)}`,
  );
  return [
    wrap('peerproof: Envoy external authorization that proves a token belongs to the workload that sends it'),
    '',
    ...rows,
    '',
    'peerproof COMMAND --help shows options, examples and exit codes of a command.',
  ].join('\n');
}

export function commandHelp({ summary, usage, options, notes, examples, exitCodes }: Command): string {
  const width = Math.max(...Object.keys(options).map(({ length }) => length));
  return [
    wrap(summary),
    '',
    ...usageLines(usage),
    '',
    ...Object.entries(options).map(
      ([name, text]) => `  ${name.padEnd(width)}  ${wrap(text.replaceAll('`', ''), width + 4)}`,
    ),
    ...(notes ? [...(Object.keys(options).length > 0 ? [''] : []), wrap(notes)] : []),
    '',
    'Examples:',
    ...Object.entries(examples).map(
      ([line, text]) => `  ${wrap(`# ${text}`, 2).replaceAll('\n  ', '\n  # ')}\n  ${line}`,
    ),
    '',
    'Exit codes:',
    ...Object.entries({ ...usualCodes, ...exitCodes }).map(
      ([code, text]) => `  ${code.padEnd(3)}  ${wrap(text, 7)}`,
    ),
  ].join('\n');
}

/** What follows a message about wrong arguments. */
export function usageOf(name: string, { usage }: Command): string {
  return [...usageLines(usage), '', `peerproof ${name} --help shows more.`].join('\n');
}

function usageLines(usage: readonly string[]): readonly string[] {
  return usage.map((line) => `  ${wrapUsage(`peerproof ${line}`, 6)}`);
}
