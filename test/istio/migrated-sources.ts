import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateOauth2Proxy } from '../../src/migrate/command.ts';
import type { TargetName } from '../../src/migrate/target.ts';
import { tutorialFlags } from '../migrate/tutorial.ts';
import { root } from './manifests.ts';

const temporary = mkdtempSync(join(tmpdir(), 'peerproof-sources-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
let count = 0;

/** What somebody migrates from, and what its oauth2-proxy lets pass. */
export interface Source {
  readonly title: string;
  /** A file of `values/`. Undefined: the flags of the tutorial. */
  readonly values?: string;
  /** What a token needs, and one that lacks it. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly lacking?: Readonly<Record<string, unknown>>;
  /** A request that needs no token. */
  readonly open?: readonly [method: string, path: string];
}

export const sources: readonly Source[] = [
  { title: 'the flags of the tutorial', claims: {} },
  { title: 'values with a file', values: 'api-gateway', claims: {}, open: ['GET', '/healthz'] },
  {
    title: 'values for Keycloak',
    values: 'keycloak',
    claims: { groups: ['shop'] },
    lacking: { groups: ['other'] },
    open: ['OPTIONS', '/orders'],
  },
  {
    title: 'values with a list and variables',
    values: 'environment',
    claims: { email: 'alice@example.com' },
    lacking: { email: 'alice@elsewhere.example' },
  },
];

const readValues = (name: string) => readFileSync(`${root}test/istio/values/${name}.yaml`, 'utf8');

/** Migrates it for this issuer, into a folder that is not written yet. `own`: more flags of `migrate` itself. */
export function migrateSource(
  name: TargetName,
  { values }: Source,
  issuer: string,
  own: readonly string[] = [],
) {
  const id = ++count;
  const file = join(temporary, `${id}.yaml`);
  if (values) writeFileSync(file, readValues(values).replaceAll('https://login.example.com', issuer));
  const named = values ? ['--values', file] : [];
  const flags = values ? [] : tutorialFlags(issuer, '0.0.0.0:4180');
  const args = [...named, '--for', name, '--out', join(temporary, String(id)), ...own, '--', ...flags];
  const { folder, ...rest } = migrateOauth2Proxy(args, {});
  if (!folder) throw new Error(rest.report.join('\n'));
  const text = (path: string) => folder.files.find((one) => one.path === path)?.text ?? '';
  return { ...rest, folder, text };
}
