import { createReadStream, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadWithoutFiles } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { refusingWith } from '../config/teams/object-file.ts';
import { type Command, defaultFile, objectsOption, print, printError } from './command.ts';
import { failureLines } from './failure.ts';
import { Misuse } from './misuse.ts';
import { type Progress, startProgress } from './progress.ts';

export const testCommand: Command = {
  summary: 'Tests a configuration: requests, and the decisions that are expected.',
  usage: [
    'test [--config FILE] [--filter TEXT] [--coverage] [--mutate] [--junit FILE] FILE...',
    'test --record LOG [--config FILE]',
  ],
  options: {
    '--config FILE': 'The configuration, in place of the one that each file names.',
    '--filter TEXT': 'Runs only the tests whose names contain this text.',
    '--format text|json|github':
      'How the results are written. Default: `text`. `github`: annotations of a workflow.',
    ...objectsOption,
    '--junit FILE': 'Also writes the results as JUnit XML.',
    '--coverage': 'Shows for each rule how many tests reach it, and which requirements deny in no test.',
    '--mutate': 'Changes one thing of the rules at a time, and lists the changes that no test notices.',
    '--min-noticed PERCENT': 'Does the same, and fails if the tests notice a smaller share of the changes.',
    '--record LOG': `Writes tests from a decision log to standard output. \`-\` is standard input. The configuration is \`${defaultFile}\`, unless \`--config\` names another.`,
  },
  notes:
    'Each request is decided by the same functions as in the service. Tokens and certificates are made up; nothing is fetched, and the keys that the configuration names are not read.',
  exitCodes: {
    0: 'Each test passes, or tests were recorded.',
    1: 'A test fails, too few changes were noticed, or the log has no decision that a test can repeat.',
    2: 'The arguments are wrong, or a file cannot be used.',
  },
  examples: {
    'peerproof test orders.test.yaml': 'Runs the tests of a file.',
    'peerproof test --coverage --mutate tests/*.yaml': 'Also shows what the tests leave open.',
    'peerproof test --format github --junit results.xml orders.test.yaml': 'Reports to a CI system.',
    'kubectl logs deploy/peerproof | peerproof test --record - > recorded.test.yaml':
      'Makes tests of the decisions in a log.',
  },
  async run(args) {
    const { values, positionals: files } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        filter: { type: 'string' },
        format: { type: 'string', default: 'text' },
        junit: { type: 'string' },
        coverage: { type: 'boolean', default: false },
        mutate: { type: 'boolean', default: false },
        'min-noticed': { type: 'string' },
        record: { type: 'string' },
        objects: { type: 'string' },
      },
    });
    const { reports } = await import('../policy-test/reports.ts');
    const { format, 'min-noticed': least } = values;
    if (files.length > 0 === (values.record !== undefined))
      throw new Misuse('give either files with tests, or --record with a decision log');
    if (!isKeyOf(reports, format))
      throw new Misuse(`--format must be one of ${Object.keys(reports).join(', ')}`);
    if (least !== undefined && !/^(?:100|\d{1,2})$/.test(least))
      throw new Misuse('--min-noticed must be a number from 0 to 100');
    const progress = startProgress(values.record === undefined ? 'running the tests' : 'reading the log');
    try {
      if (values.record !== undefined) return await recordLog(values.record, values, progress);
      const { runTests } = await import('../policy-test/command.ts');
      const { output, junit, exitCode } = await runTests({
        ...{ files, format, config: values.config, filter: values.filter, coverage: values.coverage },
        objects: values.objects,
        mutate: values.mutate || least !== undefined,
        minNoticed: least === undefined ? undefined : Number(least),
        now: Date.now(),
        onMutant: (mutants) => progress.step('changes of the rules', mutants),
      });
      progress.end();
      print(output);
      if (values.junit !== undefined) writeFileSync(values.junit, junit);
      return exitCode;
    } catch (error) {
      progress.end();
      if (!isAboutFile(error)) throw error;
      printError(failureLines(error).join('\n'));
      return 2;
    }
  },
};

/** Standard output gets the file, and standard error what it holds. */
async function recordLog(
  log: string,
  { config = defaultFile, objects }: { readonly config?: string; readonly objects?: string },
  progress: Progress,
): Promise<number> {
  const loaded = loadWithoutFiles(config, refusingWith(objects));
  const { linesOf } = await import('../decision-lines/lines.ts');
  const { record } = await import('../policy-test/record.ts');
  const input = log === '-' ? process.stdin : createReadStream(log);
  const { text, tests, decisions, leftOut } = await record(
    counting(linesOf(input), progress),
    loaded,
    Date.now(),
  );
  progress.end();
  if (tests > 0) print(text.replace(/\n$/, ''));
  const { counted } = await import('../policy-test/shown.ts');
  const made = `${counted(tests, 'test')} from ${counted(decisions, 'decision')}`;
  printError(leftOut > 0 ? `${made}; ${counted(leftOut, 'decision')} could not be rebuilt` : made);
  return tests > 0 ? 0 : 1;
}

/** The same lines. Says how many were read. */
async function* counting<Line>(lines: AsyncIterable<Line>, progress: Progress): AsyncGenerator<Line> {
  let read = 0;
  for await (const line of lines) {
    progress.step('lines of the log', ++read);
    yield line;
  }
}

/** Whether a file cannot be used, so that no test could run. */
function isAboutFile(error: unknown): boolean {
  return error instanceof ConfigError || (error as NodeJS.ErrnoException).syscall !== undefined;
}

function isKeyOf<Key extends string>(table: Readonly<Record<Key, unknown>>, key: string): key is Key {
  return Object.hasOwn(table, key);
}
