import { parseArgs } from 'node:util';
import { readText } from '../config/document.ts';
import { parseConfig, parseWithFilesHere } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { findReadableKeys } from '../config/readable-keys.ts';
import { refusingWith } from '../config/teams/object-file.ts';
import type { Finding } from '../lint/finding.ts';
import type { Validation } from '../lint/validation.ts';
import { listRules } from '../serve/create-policy.ts';
import { type Command, defaultFile, defaultInjectFile, objectsOption, print, printError } from './command.ts';
import { firstSteps } from './failure.ts';
import { Misuse } from './misuse.ts';

export const validateCommand: Command = {
  summary: 'Checks a configuration: prints every error and likely mistake with file, line and key.',
  usage: [
    'validate [--inject] [--config FILE] [--objects FILE] [--strict] [--allow-missing-files] [--format text|json|github|sarif]',
  ],
  options: {
    '--config FILE': `The configuration file. Default: \`${defaultFile}\`, with --inject \`${defaultInjectFile}\`. \`-\`: standard input.`,
    ...objectsOption,
    '--inject': 'The file is a configuration of `peerproof inject`.',
    '--strict': 'A warning makes the exit code 1. A note does not.',
    '--allow-missing-files':
      'A file that the configuration names need not be here. Use it where the files of the pod are missing, as in CI. An issuer with `kubernetes` needs `apiServer` there: only a pod knows it.',
    '--format text|json|github|sarif':
      'How the findings are written. Default: `text`. `github`: annotations of GitHub Actions. `sarif`: version 2.1.0.',
  },
  notes: `A comment with "lint: ignore CHECK: why" leaves a finding out.
The last line names the version of the configuration, as /readyz and the log do.`,
  exitCodes: {
    0: 'The configuration can be used.',
    1: 'It has errors (with --strict: or warnings), or it cannot be read.',
  },
  examples: {
    'peerproof validate': 'Checks peerproof.yaml.',
    'peerproof validate --strict --format github':
      'Annotates a pull request, and fails if there is a warning.',
    "kubectl -n peerproof get cm peerproof -o jsonpath='{.data.peerproof\\.yaml}' | peerproof validate --config -":
      'Checks the configuration in a cluster. The files that it names must be here.',
    'peerproof validate --allow-missing-files':
      'Checks peerproof.yaml in CI, where the files of its pod are missing.',
    'peerproof validate --objects payments.yaml':
      'Checks whether the rules of a team are within what is delegated to it.',
    'peerproof validate --inject': 'Checks inject.yaml, the configuration of peerproof inject.',
  },
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string' },
        objects: { type: 'string' },
        inject: { type: 'boolean' },
        strict: { type: 'boolean' },
        'allow-missing-files': { type: 'boolean', default: false },
        format: { type: 'string', default: 'text' },
      },
    });
    const { format, strict, inject } = values;
    const { formats, isFormat } = await import('../lint/formats.ts');
    if (!isFormat(format)) throw new Misuse(`--format must be one of ${Object.keys(formats).join(', ')}`);
    const { config = inject ? defaultInjectFile : defaultFile } = values;
    if (inject && values['allow-missing-files'])
      throw new Misuse('--allow-missing-files cannot be combined with --inject');
    const parse = values['allow-missing-files'] ? parseWithFilesHere : parseConfig;
    const validation = await check(config, inject ? validateInject : validateConfig(parse, values.objects));
    const { out, error } = formats[format](validation);
    if (out) print(out);
    if (error) printError(error);
    if (format === 'text') for (const line of firstSteps(validation.findings)) printError(line);
    const failing = validation.findings.filter(
      ({ severity }) => severity === 'error' || (strict && severity === 'warning'),
    );
    return failing.length > 0 ? 1 : 0;
  },
};

type Validate = (text: string, file: string) => Promise<Pick<Validation, 'findings' | 'valid'>>;

/** Reads a file, or standard input. The errors of a configuration are findings like others. */
async function check(name: string, validate: Validate): Promise<Validation> {
  const [file, source] = name === '-' ? ['stdin', 0] : [name, name];
  try {
    return { file, ...(await validate(readText(source, file), file)) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problemFindings } = await import('../lint/lint.ts');
    return { file, findings: problemFindings(error), valid: undefined };
  }
}

/** @param objects the file with the objects of teams */
function validateConfig(parse: typeof parseConfig, objects: string | undefined): Validate {
  return async (text, file) => {
    const loaded = parse(text, file, refusingWith(objects));
    const { lint } = await import('../lint/lint.ts');
    const { config, version } = loaded;
    const weaknesses = [...loaded.weaknesses, ...findReadableKeys(loaded)];
    const held = `${Object.keys(config.issuers).length} issuers, ${listRules(config).length} rules`;
    return conclude(lint({ ...loaded, weaknesses }), `${held}, version ${version}`);
  };
}

const validateInject: Validate = async (text, file) => {
  const { parseInject } = await import('../inject/load.ts');
  const { lintInject } = await import('../lint/lint.ts');
  const loaded = parseInject(text, file);
  return conclude(lintInject(loaded, { text, file }), `${loaded.config.tokens.length} tokens`);
};

function conclude(findings: readonly Finding[], held: string): Pick<Validation, 'findings' | 'valid'> {
  const usable = !findings.some(({ severity }) => severity === 'error');
  return { findings, valid: usable ? `valid: ${held}` : undefined };
}
