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

/**
 * The configuration for the flags. The same schema as for a file checks it.
 * @throws ConfigError. Its lines are those of the YAML that is generated from the flags.
 */
export function loadFromFlags(flags: Flags): LoadedConfig {
  const file = 'command line';
  if (flags.config !== undefined)
    throw new ConfigError([
      { file, line: 1, key: '--config', message: 'cannot be combined with --issuer: use one of them' },
    ]);
  const clients = new Map<string, string[]>();
  for (const pair of flags.client ?? []) {
    const [id = '', workload] = pair.split(/=(.*)/s);
    if (workload === undefined)
      throw new ConfigError([
        { file, line: 1, key: '--client', message: `must be ID=SPIFFE-ID, but is ${JSON.stringify(pair)}` },
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
  return parseConfig(stringify(JSON.parse(JSON.stringify(document))), file);
}
