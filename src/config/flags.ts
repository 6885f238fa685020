import { stringify } from 'yaml';
import { type LoadedConfig, parseConfig } from './load.ts';
import { ConfigError } from './problem.ts';

/** The flags for the simplest case: one issuer, and one rule for every request. */
export const flagOptions = {
  issuer: { type: 'string' },
  audience: { type: 'string', multiple: true },
  'trust-domain': { type: 'string', multiple: true },
  client: { type: 'string', multiple: true },
  binding: { type: 'string' },
  'listen-grpc': { type: 'string' },
  'listen-admin': { type: 'string' },
} as const;

export type Flags = {
  readonly [Name in keyof typeof flagOptions]?: (typeof flagOptions)[Name] extends { multiple: true }
    ? readonly string[] | undefined
    : string | undefined;
} & { readonly config?: string | undefined };

/** Where problems with flags are, in place of a file. */
export const commandLine = 'command line';

/** The flag for each setting that flags can make, by the start of its key. */
const flagOfSetting: readonly (readonly [setting: string, flag: keyof typeof flagOptions])[] = [
  ['issuers.default.audiences', 'audience'],
  ['issuers', 'issuer'],
  ['peers', 'trust-domain'],
  ['clients', 'client'],
  ['rules', 'binding'],
  ['listen.admin', 'listen-admin'],
  ['listen', 'listen-grpc'],
];

/** What messages say about settings, for a person who wrote flags. */
const words: readonly (readonly [said: string, meant: string])[] = [
  ['peers.trustDomains', '--trust-domain'],
  ['listen.grpc', '--listen-grpc'],
  ['listen.admin', '--listen-admin'],
  ['allowInsecureHttp: true', 'allowInsecureHttp: true in a file'],
];

/**
 * The configuration for the flags. The same schema as for a file checks it.
 * @throws ConfigError. Its keys are flags, and it has no lines.
 */
export function loadFromFlags(flags: Flags): LoadedConfig {
  const text = writeConfiguration(flags);
  try {
    return parseConfig(text, commandLine);
  } catch (error) {
    throw error instanceof ConfigError ? inFlags(error) : error;
  }
}

/**
 * The same problems for a person who wrote flags and no file. An entry of a flag that may be repeated is named
 * by its text.
 */
export function inFlags({ problems }: ConfigError): ConfigError {
  return new ConfigError(
    problems.map(({ key, message: said }) => {
      const message = words.reduce((text, [setting, flag]) => text.replaceAll(setting, flag), said);
      const flag = flagOfSetting.find(([setting]) => key.startsWith(setting))?.[1];
      const [, entry] = /^(?:clients|peers\.trustDomains)\.(.+?)(?:\[\d+\])?$/s.exec(key) ?? [];
      return {
        file: commandLine,
        line: 0,
        key: flag ? `--${flag}${entry ? ` ${entry}` : ''}` : key,
        message,
      };
    }),
  );
}

/** @throws ConfigError if flags exclude each other, or cannot be a setting */
function writeConfiguration(flags: Flags): string {
  if (flags.config !== undefined)
    throw new ConfigError([
      {
        file: commandLine,
        line: 0,
        key: '--config',
        message: 'cannot be combined with --issuer: use one of them',
      },
    ]);
  const clients = new Map<string, string[]>();
  for (const pair of flags.client ?? []) {
    const [id = '', workload] = pair.split(/=(.*)/s);
    if (workload === undefined)
      throw new ConfigError([
        {
          file: commandLine,
          line: 0,
          key: '--client',
          message: `must be ID=SPIFFE-ID, but is ${JSON.stringify(pair)}`,
        },
      ]);
    clients.set(id, [...(clients.get(id) ?? []), workload]);
  }
  const document = {
    listen: { grpc: flags['listen-grpc'], admin: flags['listen-admin'] },
    issuers: { default: { issuer: flags.issuer, audiences: flags.audience ?? [] } },
    peers: flags['trust-domain'] && {
      trustDomains: Object.fromEntries(flags['trust-domain'].map((name) => [name, {}])),
    },
    clients: Object.fromEntries(clients),
    rules: [{ name: 'default', require: flags.binding && { binding: flags.binding.split(',') } }],
  };
  return stringify(JSON.parse(JSON.stringify(document)));
}
