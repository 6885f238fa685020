import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type LoadedConfig, loadWithoutFiles, parseWithoutFiles } from '../config/load.ts';
import { ConfigError, problemLine } from '../config/problem.ts';
import { refusingWith } from '../config/teams/object-file.ts';
import { type Command, objectsOption, print, printError } from './command.ts';
import { Misuse } from './misuse.ts';
import { startProgress } from './progress.ts';

export const diffCommand: Command = {
  summary: 'Compares two configurations, and shows requests whose verdict changes.',
  usage: [
    'diff [--fail-on widen|any|never] [--format text|json|github] [--limit N] [--objects FILE] OLD NEW',
  ],
  options: {
    '--fail-on widen|any|never':
      'When the exit code is 1. `widen` (default): access widens. `any`: access or identity headers change.',
    '--format text|json|github': 'How the result is written. `github`: as annotations of GitHub Actions.',
    ...objectsOption,
    '--limit N': 'How many requests are judged at most. Default: 100000.',
  },
  notes:
    'OLD and NEW are files. `-` is standard input. The files of teams (`include`) are looked for beside each file, and for standard input in this folder. Keys, certificates and secrets are not read. What was not decided, or not looked at, counts as a widening.',
  exitCodes: {
    0: 'No access widens, or nothing that --fail-on names changes.',
    1: 'Access widens, or something that --fail-on names changes.',
    2: 'The arguments are wrong, or a configuration cannot be used.',
  },
  examples: {
    'peerproof diff old.yaml peerproof.yaml': 'Shows whose access changes. Fails if access widens.',
    'git show origin/main:peerproof.yaml | peerproof diff --format github - peerproof.yaml':
      'Compares a branch with main in GitHub Actions.',
    'peerproof diff --fail-on any --format json staging.yaml production.yaml':
      'Fails if two environments differ, and writes JSON.',
  },
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        'fail-on': { type: 'string', default: 'widen' },
        format: { type: 'string', default: 'text' },
        limit: { type: 'string', default: '100000' },
        objects: { type: 'string' },
      },
    });
    const { formats, failures } = await import('../compare/formats.ts');
    const [old, next, ...more] = positionals;
    const format = formats.get(values.format);
    const fails = failures.get(values['fail-on']);
    if (old === undefined || next === undefined || more.length > 0)
      throw new Misuse('name two configurations: the old one and the new one');
    if (!format) throw new Misuse(`--format must be one of ${[...formats.keys()].join(', ')}`);
    if (!fails) throw new Misuse(`--fail-on must be one of ${[...failures.keys()].join(', ')}`);
    if (!/^[1-9]\d{0,8}$/.test(values.limit))
      throw new Misuse('--limit must be a number from 1 to 999999999');
    const [before, after] = [await load(old, values.objects), await load(next, values.objects)];
    if (!before || !after) return 2;
    const { compare } = await import('../compare/compare.ts');
    const progress = startProgress('comparing');
    const { step: onStep } = progress;
    const options = { now: Date.now(), limit: Number(values.limit), onStep };
    const comparison = await compare(before, after, options).finally(progress.end);
    print(format(comparison));
    return fails(comparison) ? 1 : 0;
  },
};

/** Undefined if it is invalid. Its problems are then printed. */
async function load(file: string, objects: string | undefined): Promise<LoadedConfig | undefined> {
  try {
    const teams = refusingWith(objects);
    return file === '-'
      ? parseWithoutFiles(readFileSync(0, 'utf8'), 'stdin', teams)
      : loadWithoutFiles(file, teams);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) printError(problemLine(problem));
    return undefined;
  }
}
