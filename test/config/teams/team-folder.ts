import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** A folder with a configuration and the files of its teams, which is removed after the test. */
export interface TeamFolder {
  readonly folder: string;
  /** The configuration. */
  readonly file: string;
  /** Writes a file, by its path in the folder. */
  put(name: string, text: string): void;
  remove(name: string): void;
}

export function createTeamFolder(t: ExecutionContext, files: Readonly<Record<string, string>>): TeamFolder {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-teams-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const put: TeamFolder['put'] = (name, text) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  mkdirSync(join(folder, 'rules.d'));
  for (const [name, text] of Object.entries(files)) put(name, text);
  return {
    ...{ folder, file: join(folder, 'peerproof.yaml'), put },
    remove: (name) => rmSync(join(folder, name), { force: true }),
  };
}

/** A platform that delegates to payments and to billing, in this order. */
export function platformText(more = ''): string {
  return `issuers:
  corp: {issuer: https://login.example.com, audiences: [a]}
peers: {trustDomains: {cluster.local: {}}}
delegate:
- {owner: payments, namespaces: [payments]}
- {owner: billing, namespaces: [billing]}
include: rules.d/*.yaml
rules:
- {name: first, match: {destinations: ["spiffe://cluster.local/ns/payments/sa/api"], paths: [/healthz]}, require: {issuers: [corp]}}
lastRules:
- {name: last, match: {destinations: ["spiffe://cluster.local/ns/*/sa/*"]}, require: {issuers: [corp], scopes: [admin]}}
${more}`;
}

/** The text of a team with one rule for its own workload. */
export function teamText(owner: string, { rule = 'pay', path = '/pay', namespace = owner } = {}): string {
  return `owner: ${owner}
rules:
- name: ${rule}
  match: {destinations: ["spiffe://cluster.local/ns/${namespace}/sa/api"], paths: ["${path}"]}
  require: {issuers: [corp]}
`;
}
