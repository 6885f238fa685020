/**
 * Writes what is derived from the source: the tables of the README between `<!-- generated: NAME -->` marks, the JSON
 * Schema of the configuration, `docs/cel-conformance.md`, and the results of the suites written elsewhere. `--check` writes
 * nothing and fails where something differs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { configJsonSchema, type JsonSchema, jsonSchemaOf } from '../../src/config/json-schema.ts';
import { presets } from '../../src/core/identity/presets.ts';
import { reasons } from '../../src/core/reasons.ts';
import { injectSchema } from '../../src/inject/schema.ts';
import { absence, hasVectors } from '../../test/outside/vectors.ts';
import { celConformance, celConformanceFile } from './cel-conformance.ts';
import { hostileTable } from './hostile.ts';
import { istioCr, withGeneratedLists } from './kyma.ts';
import { deliberateDifferences } from './oauth2-proxy.ts';
import { outsideFile, outsideSuites } from './outside.ts';

const readme = new URL('../../README.md', import.meta.url);
const schemaFile = new URL('../../peerproof.schema.json', import.meta.url);

const schema = configJsonSchema();

const sections: Record<string, () => string> = {
  reasons: () =>
    table(
      ['reason', 'status', 'OAuth `error`', 'text for the caller'],
      Object.entries(reasons).map(([name, { status, error, text }]) => [
        `\`${name}\``,
        `${status}`,
        error && `\`${error}\``,
        text,
      ]),
    ),
  headers: () =>
    table(
      ['header', 'value'],
      Object.entries(presets.standard).map(([name, { from }]) => [`\`${name}\``, from]),
    ),
  'headers-oauth2-proxy': () =>
    table(
      ['header', 'value'],
      Object.entries(presets['oauth2-proxy'])
        .filter(([name]) => !Object.hasOwn(presets.standard, name))
        .map(([name, { from }]) => [`\`${name}\``, from]),
    ),
  hostile: () => hostileTable(),
  'oauth2-proxy': () => deliberateDifferences(),
  inject: () =>
    table(
      ['setting', 'default', 'what it does'],
      [...settings(jsonSchemaOf(injectSchema), '')].filter(([name]) =>
        /^`(?:listen|hosts|tokens|allow)/.test(name ?? ''),
      ),
    ),
  settings: () => table(['setting', 'default', 'what it does'], [...settings(schema, '')]),
};

function* settings(node: JsonSchema, path: string): Generator<string[]> {
  const { properties, additionalProperties, items } = node;
  const values = typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0;
  const leaf = !properties && !values && !items?.properties;
  if (path && (node.description || (leaf && !path.endsWith('.<name>'))))
    yield [`\`${path}\``, leaf ? written(node.default) : '', node.description ?? ''];
  for (const [name, property] of Object.entries(properties ?? {}))
    yield* settings(property, path ? `${path}.${name}` : name);
  if (values) yield* settings(additionalProperties, `${path}.<name>`);
  if (items?.properties) yield* settings(items, `${path}[]`);
}

function written(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
    ? ''
    : `\`${(Array.isArray(value) ? value.join(', ') : String(value)).replaceAll('|', '\\|')}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const files: [URL, string][] = [
  [istioCr, withGeneratedLists(readFileSync(istioCr, 'utf8'))],
  [
    readme,
    readFileSync(readme, 'utf8').replace(
      /(<!-- generated: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
      (_, open: string, name: string, close: string) =>
        `${open}${sections[name]?.() ?? `unknown section ${name}`}\n${close}`,
    ),
  ],
  [celConformanceFile, celConformance()],
  [schemaFile, `${JSON.stringify(schema, null, 2)}\n`],
];
// The results can only be written again where the suites are; elsewhere the file stays as it was committed.
if (hasVectors) files.push([outsideFile, await outsideSuites()]);
else console.warn(`SKIPPED: docs/outside-suites.md was not checked. ${absence}`);

let differs = false;
for (const [file, text] of files) {
  if (process.argv.includes('--write')) writeFileSync(file, text);
  else if (readOrEmpty(file) !== text) {
    differs = true;
    console.error(`${file.pathname.split('/').at(-1)} is not what the source says: npm run docs`);
  }
}
process.exitCode = differs ? 1 : 0;

function readOrEmpty(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
