import type { Command } from './command.ts';
import { commands } from './commands.ts';

const exitCodes = 'Exit codes: 0 success, 1 failure, 2 wrong usage.';

export function overview(): string {
  const width = Math.max(...Object.keys(commands).map(({ length }) => length));
  const rows = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'peerproof: Envoy external authorization that proves a token belongs to the workload that sends it',
    '',
    ...rows,
    '',
    'Run peerproof COMMAND --help for the options of a command.',
    exitCodes,
  ].join('\n');
}

export function commandHelp({ summary, usage, options, notes, examples }: Command): string {
  const width = Math.max(...Object.keys(options).map(({ length }) => length));
  return [
    summary,
    '',
    ...usage.map((line) => `  peerproof ${line}`),
    '',
    ...Object.entries(options).map(([name, text]) => `  ${name.padEnd(width)}  ${text.replaceAll('`', '')}`),
    ...(notes ? ['', notes] : []),
    '',
    'Examples:',
    ...Object.entries(examples).map(([line, text]) => `  # ${text}\n  ${line}`),
    '',
    exitCodes,
  ].join('\n');
}
