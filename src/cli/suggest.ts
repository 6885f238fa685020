import { parseArgs } from 'node:util';
import { type Command, configOption, defaultFile, print, printError } from './command.ts';
import { Misuse } from './misuse.ts';
import { noProgress, startProgress } from './progress.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const formats = ['text', 'json'] as const;
const defaultLimit = 10_000;

export const suggestCommand: Command = {
  summary: 'Suggests the narrowest rules that allow what a decision log shows.',
  usage: ['suggest [--config FILE] [--all] [--generalize paths] [--write] [LOG...]'],
  options: {
    ...configOption,
    '--all': 'Also reads lines of allowed requests, to write the rules of a service from its traffic.',
    '--generalize paths': 'Writes `*` for segments that look like identifiers: numbers, UUIDs and hashes.',
    '--write': 'Changes the configuration file.',
    '--format text|json': '`json` prints the difference and the report as one object. Default: `text`.',
    '--limit N': 'How many different observations are used at most. Default: 10000.',
  },
  notes: `Without LOG, or if LOG is -, it reads standard input. Standard output gets the difference of the
configuration, and standard error gets the report. Only mode observe logs the caller of a request that no rule takes.`,
  exitCodes: { 1: 'The configuration has errors, or a file cannot be read.' },
  examples: {
    'peerproof suggest peerproof.log': 'Shows the rules for what peerproof.yaml would deny.',
    'kubectl -n peerproof logs -l app.kubernetes.io/name=peerproof --tail=-1 | peerproof suggest --write':
      'Adds the rules to peerproof.yaml.',
    'peerproof suggest --all --generalize paths --config new.yaml peerproof.log':
      'Writes rules for all traffic, and allows other identifiers in the same paths.',
  },
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { config: text, all: flag, generalize: text, write: flag, format: text, limit: text },
    });
    const { config = defaultFile, all, generalize, write, format: wanted = 'text', limit } = values;
    const format = formats.find((one) => one === wanted);
    if (!format) throw new Misuse('--format must be text or json');
    if (generalize !== undefined && generalize !== 'paths') throw new Misuse('--generalize must be paths');
    if (limit !== undefined && !/^[1-9]\d{0,5}$/.test(limit))
      throw new Misuse('--limit must be a number from 1 to 999999');
    const files = positionals.length > 0 ? positionals : ['-'];
    const isTyped = files.includes('-') && process.stdin.isTTY;
    if (isTyped) printError('reading standard input until ^D');
    const { suggestRules } = await import('../suggest/command.ts');
    const progress = isTyped ? noProgress : startProgress('reading the log');
    const above = (write: (text: string) => void) => (text: string) => {
      progress.clear();
      write(text);
    };
    return suggestRules(
      {
        ...{ config, files, all, write, format, generalizePaths: generalize !== undefined },
        limit: Number(limit ?? defaultLimit),
      },
      {
        ...{ input: process.stdin, now: Date.now(), onStep: progress.step },
        ...{ print: above(print), note: above(printError) },
      },
    ).finally(progress.end);
  },
};
