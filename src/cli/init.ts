import { parseArgs } from 'node:util';
import { ConfigError } from '../config/problem.ts';
import { type FirstAnswers, isMesh, isPlatform, platforms } from '../init/answers.ts';
import type { KnownAnswers } from '../init/ask.ts';
import { didYouMean } from '../lib/nearest.ts';
import { visible } from '../lib/visible.ts';
import { type Command, defaultFile, print, printError } from './command.ts';
import { Misuse } from './misuse.ts';

export const initCommand: Command = {
  summary: 'Writes a first configuration with comments, from options or from three questions.',
  usage: [`init [${platforms.join('|')}] [--issuer URL] [--audience NAME] [--output FILE]`],
  options: {
    '--issuer URL': 'The issuer of the tokens.',
    '--audience NAME': 'An audience that its tokens must name. May be repeated.',
    '--trust-domain NAME': 'The SPIFFE trust domain of the workloads. Default in a mesh: `cluster.local`.',
    '--workload SPIFFE-ID': 'The name in the certificate of the application, for Istio and Kyma.',
    '--output FILE': `The file to write. Default: \`${defaultFile}\`. \`-\`: standard output.`,
  },
  notes: `On a terminal, it asks for the proxy, the issuer and the audience if they are missing.
It never replaces a file. Beside the configuration it writes peerproof.schema.json, which editors use.`,
  exitCodes: { 1: 'Nothing was written: a value cannot be used, the file exists, or an answer is missing.' },
  examples: {
    'peerproof init': 'Asks three questions, and writes peerproof.yaml.',
    'peerproof init envoy --issuer https://login.example.com --audience orders':
      'Writes peerproof.yaml for plain Envoy.',
    'peerproof init istio --issuer https://login.example.com --audience orders --output -':
      'Shows a configuration for Istio.',
  },
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        issuer: { type: 'string' },
        audience: { type: 'string', multiple: true },
        'trust-domain': { type: 'string' },
        workload: { type: 'string' },
        output: { type: 'string', default: defaultFile },
      },
    });
    const [platform, ...more] = positionals;
    if (more.length > 0 || (platform !== undefined && !isPlatform(platform)))
      throw new Misuse(
        `the proxy must be one of ${platforms.join(', ')}${didYouMean(platform ?? '', platforms)}`,
      );
    const { issuer, audience, 'trust-domain': trustDomain, workload, output } = values;
    const answers = await complete({
      ...(platform && { platform }),
      ...(issuer !== undefined && { issuer }),
      ...(audience && { audiences: audience }),
      ...{ trustDomain, workload },
    });
    if (!answers) {
      printError('\nnothing was written: an answer is missing');
      return 1;
    }
    if (workload !== undefined && !isMesh(answers.platform))
      throw new Misuse('--workload is for istio and kyma: elsewhere, rules are for one application');
    const [{ checkAnswers }, { writeConfiguration }] = await Promise.all([
      import('../init/check.ts'),
      import('../init/configuration.ts'),
    ]);
    const problems = checkAnswers(answers);
    if (problems.length > 0) throw new ConfigError(problems);
    const text = writeConfiguration(answers);
    if (output === '-') print(text.trimEnd());
    else tell(await write(output, text), output);
    return 0;
  },
};

/** Asks for what is missing. @throws Misuse if there is no terminal */
async function complete(known: KnownAnswers): Promise<FirstAnswers | undefined> {
  const { platform, issuer, audiences } = known;
  if (platform && issuer !== undefined && audiences) return { ...known, platform, issuer, audiences };
  if (process.stdin.isTTY && process.stderr.isTTY)
    return (await import('../init/ask.ts')).askFor(known, { input: process.stdin, output: process.stderr });
  throw new Misuse('name the proxy, --issuer and --audience: there is no terminal to ask for them');
}

async function write(output: string, text: string): Promise<readonly string[]> {
  const { writeFiles } = await import('../init/write.ts');
  try {
    return writeFiles(output, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const message = 'exists already, and is not replaced: name another file with --output';
    throw new ConfigError([{ file: output, line: 0, key: '', message }]);
  }
}

function tell(files: readonly string[], output: string): void {
  const config = output === defaultFile ? '' : ` --config ${output}`;
  print(visible(`wrote ${files.join(' and ')}`));
  print(visible(`next: peerproof validate --strict${config}`));
}
