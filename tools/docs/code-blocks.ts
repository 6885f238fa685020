import { existsSync, readFileSync } from 'node:fs';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { commands } from '../../src/cli/commands.ts';
import { parseDocument } from '../../src/config/document.ts';
import { parseConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { readSchema } from '../../src/config/read-schema.ts';
import { parseInject } from '../../src/inject/load.ts';
import { recordOf } from '../../src/lib/json.ts';
import { lint } from '../../src/lint/lint.ts';
import { policyTestSchema } from '../../src/policy-test/schema.ts';
import { chartValues } from '../chart/values.ts';
import { type Page, top } from './pages.ts';

const fence = /^( *)```(\w+)\n([\s\S]*?)^\1```/gm;
const scripts = Object.keys(
  (JSON.parse(readFileSync(new URL('package.json', top), 'utf8')) as { scripts: object }).scripts,
);

/** One line per wrong code block: YAML that Peerproof refuses, broken JSON, a command that does not exist. */
export function brokenBlocks(pages: readonly Page[]): string[] {
  return pages.flatMap(({ path, text }) =>
    [...text.matchAll(fence)].flatMap((match) => {
      const [, indent = '', language = '', code = ''] = match;
      const line = text.slice(0, match.index).split('\n').length;
      const plain = code.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
      return (checks[language]?.(plain) ?? [`no check for the language ${language}`]).map(
        (problem) => `${path}:${line}: ${problem}`,
      );
    }),
  );
}

const checks: Readonly<Record<string, (code: string) => string[]>> = {
  yaml: yamlProblems,
  json: (code) => {
    try {
      if (code.trim() !== '') JSON.parse(code.replaceAll('…', ''));
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  },
  sh: shellProblems,
};

/** The files that a document names do not exist when it is checked, and this machine is not a pod. */
const expected = /cannot be read|does not run in a pod/;

function yamlProblems(code: string): string[] {
  if (code.trim() === '') return [];
  const documents = parseAllDocuments(code);
  const errors = documents.flatMap((document) => ('errors' in document ? document.errors : []));
  if (errors.length > 0) return errors.map(({ message }) => message);
  const value = parse(code) as Record<string, unknown>;
  // Envoy itself reads these in a test; manifests have tests of their own; and GitHub reads its workflows.
  if ('static_resources' in value || 'apiVersion' in value || 'jobs' in value) return [];
  try {
    if ('flavour' in value) return chartProblems(value);
    if ('tests' in value) return policyTestProblems(code);
    if (!('tokens' in value)) return lintProblems(code, value);
    parseInject(code, 'block');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems
      .filter(({ message }) => !expected.test(message))
      .map(({ key, message }) => `${key}: ${message}`);
  }
}

/** Values of the Helm chart. The chart adds the addresses to the configuration in them. */
function chartProblems(value: Record<string, unknown>): string[] {
  const { error } = chartValues.safeParse(value);
  if (error) return [z.prettifyError(error)];
  const config = recordOf(value.config);
  return lintProblems(stringify(config), config);
}

/** Does not look for the configuration of the tests. */
function policyTestProblems(code: string): string[] {
  const { problems } = readSchema(policyTestSchema, parseDocument(code, 'block'));
  return problems.map(({ key, message }) => `${key}: ${message}`);
}

/**
 * What `validate` would warn about. A block that is a whole configuration is linted as it is. Of another one,
 * findings about what completes it are left out, and a comment is for the whole block.
 */
function lintProblems(code: string, value: Record<string, unknown>): string[] {
  const whole = completed(value);
  const isWhole = Object.keys(whole).every((key) => key in value);
  const findings = lint(parseConfig(isWhole ? code : stringify(whole), 'block'));
  const ignored = [...code.matchAll(/# lint: ignore ([\w, -]+):/g)].flatMap(([, names = '']) =>
    names.split(', '),
  );
  return findings
    .filter(({ severity, check, key }) => {
      // Most examples leave out the addresses.
      if (severity === 'note' || (check === 'open-port' && !isWritten(key, value))) return false;
      return isWhole || !(ignored.includes(check) || isAboutCompletion(check, key, value));
    })
    .map(
      ({ line, check, key, message }) => `${isWhole ? `line ${line}: ` : ''}${key}: ${message} [${check}]`,
    );
}

function isAboutCompletion(check: string, key: string, value: Record<string, unknown>): boolean {
  const [setting = ''] = key.split(/[.[]/);
  const isPart = 'require' in value || 'match' in value;
  // Which tokens there are depends on the issuers.
  if (check === 'unprovable-rule' || check === 'useless-proof') return !('issuers' in value);
  if (check === 'rule-without-destination') return !('peers' in value || 'workloads' in value);
  return !(setting in value || (isPart && setting === 'rules'));
}

function isWritten(key: string, value: unknown): boolean {
  return key.split('.').reduce<unknown>((at, name) => recordOf(at)[name], value) !== undefined;
}

/** Completes a part of a configuration, so that it can be validated. */
function completed(part: Record<string, unknown>): Record<string, unknown> {
  if ('require' in part || 'match' in part) return completed({ rules: [{ name: 'part', ...part }] });
  const listen = part.http && !part.listen ? { http: '127.0.0.1:9002' } : undefined;
  return {
    issuers: { corp: { issuer: 'https://login.example.com', audiences: ['orders'] } },
    peers: { trustDomains: { 'cluster.local': {} } },
    rules: [{ name: 'part', match: { paths: ['/part'] } }],
    ...(listen && { listen }),
    ...part,
  };
}

/** Commands, options and files of this repository must exist; those of other programs are not checked. */
function shellProblems(code: string): string[] {
  // A line that ends with `\` goes on in the next one.
  return code
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => [...scriptProblems(line), ...commandProblems(line), ...fileProblems(line)]);
}

function scriptProblems(line: string): string[] {
  return [...line.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)]
    .filter(([, script = '']) => !scripts.includes(script))
    .map(([, script]) => `there is no script ${script}`);
}

function commandProblems(line: string): string[] {
  const [, name = '', rest = ''] = /^\s*(?:npm exec -- )?peerproof ([a-z]\w*)(.*)/.exec(line) ?? [];
  if (name === '') return [];
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) return [`there is no command ${name}`];
  const known = new Set([
    '--help',
    ...[
      ...Object.keys(command.options)
        .join(' ')
        .matchAll(/--[\w-]+/g),
    ].map(String),
  ]);
  return [...rest.split(/ -- |#/, 1)[0]!.matchAll(/--[\w-]+/g)]
    .map(String)
    .filter((option) => !known.has(option))
    .map((option) => `peerproof ${name} has no option ${option}`);
}

const path =
  /(?:^|[\s'"=])((?:\.ci|bin|charts|demo|docs|examples|gateway-api|istio|kustomize|proxies|src|test|tools)\/[\w./-]*)/g;

function fileProblems(line: string): string[] {
  return [...line.split(' #', 1)[0]!.matchAll(path)]
    .map(([, name = '']) => name)
    .filter((name) => !existsSync(new URL(name, top)))
    .map((name) => `there is no ${name}`);
}
