import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type LoadedConfig, parseConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { type Migration, migrateOauth2Proxy } from '../../src/migrate/command.ts';
import { createCa } from '../support/ca.ts';

/** What was migrated, and proven to be a configuration that Peerproof starts with. */
export interface Migrated extends Migration {
  /** As written. Undefined if it is missing. */
  readonly written: ConfigInput | undefined;
  /** As loaded, with its files. */
  readonly loaded: LoadedConfig | undefined;
  /** What became of an option: the text after its name. */
  became(option: string): string | undefined;
  readonly errors: readonly string[];
}

/** Where the settings come from. */
export interface Sources {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** TOML. */
  readonly cfg?: string;
  /** YAML. */
  readonly values?: string;
}

const directory = mkdtempSync(join(tmpdir(), 'peerproof-migrate-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const ca = await createCa();
const leaf = await ca.issue();
const files = {
  'ca.pem': ca.certPem,
  'cert.pem': leaf.certPem,
  'key.pem': leaf.keyPem,
  'signer.pub': generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
    type: 'spki',
    format: 'pem',
  }),
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);

let count = 0;

/** Migrates, and loads what came out: a configuration that is written but does not load is an error here. */
export function migrate({ flags = [], env = {}, cfg, values }: Sources): Migrated {
  const named = [
    ['--cfg', 'cfg', cfg],
    ['--values', 'yaml', values],
  ].flatMap(([flag, suffix, text]) => {
    if (text === undefined) return [];
    const file = join(directory, `${++count}.${suffix}`);
    writeFileSync(file, text);
    return [flag as string, file];
  });
  const migration = migrateOauth2Proxy([...named, '--', ...flags], env);
  const { configuration, report } = migration;
  const written = configuration === '' ? undefined : (parse(configuration) as ConfigInput);
  return {
    ...migration,
    written,
    loaded: written && parseConfig(configuration, join(directory, 'peerproof.yaml')),
    became: (option) =>
      report.find((line) => line.startsWith(`--${option}: `))?.slice(`--${option}: `.length),
    errors: report.filter((line) => line.startsWith('error: ')),
  };
}

/** A path in the directory of the configuration. */
export const inDirectory = (name: string) => join(directory, name);

/** The least that says whose tokens pass. */
export const least = [
  '--provider=oidc',
  '--oidc-issuer-url=https://login.example.com',
  '--client-id=orders',
  '--email-domain=*',
  '--skip-jwt-bearer-tokens',
  '--upstream=static://200',
  '--http-address=0.0.0.0:9002',
];

/** The least, without one of its flags. */
export const without = (name: string) =>
  least.filter((flag) => !flag.startsWith(`--${name}=`) && flag !== `--${name}`);

/** The rule that requests with a token come to. */
export function bearerOf({ written }: Migrated) {
  return written?.rules.find(({ name }) => name === 'bearer')?.require;
}
