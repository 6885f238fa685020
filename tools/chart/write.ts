/** The generated files of the Helm chart. Each is made of the values in values.ts, or copied from its source. */
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { configJsonSchema, type JsonSchema, toJsonSchema } from '../../src/config/json-schema.ts';
import { top } from '../docs/pages.ts';
import { table } from '../docs/table.ts';
import { crdManifest } from './crd.ts';
import { chartValues } from './values.ts';

const chart = new URL('charts/peerproof/', top);

/** Every generated file of the chart with its text. */
export function chartFiles(): [URL, string][] {
  return [
    [new URL('values.yaml', chart), valuesYaml()],
    [new URL('values.schema.json', chart), valuesSchema()],
    [new URL('README.md', chart), readme()],
    [new URL('files/authorization-rules.yaml', chart), crdManifest()],
    ...['rules.yaml', 'dashboard.json'].map((file): [URL, string] => [
      new URL(`files/${file}`, chart),
      readFileSync(new URL(`observability/${file}`, top), 'utf8'),
    ]),
  ];
}

/**
 * The strict schema that Helm checks the values with. It embeds the schema of the configuration, which is not checked while
 * `config` is empty: then an existing ConfigMap or Secret is used.
 */
function valuesSchema(): string {
  const { properties, ...schema } = toJsonSchema(chartValues);
  const { $schema: _, ...config } = configJsonSchema() as JsonSchema & { $schema?: string };
  const embedded = {
    ...properties,
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    config: { ...properties?.config, if: { type: 'object', minProperties: 1 }, then: config },
  };
  return `${JSON.stringify({ ...schema, properties: embedded }, null, 1)}\n`;
}

const head = `# The values of the chart. \`npm run docs\` writes this file from tools/chart/values.ts. values.schema.json refuses unknown keys.
`;

function valuesYaml(): string {
  return `${head}${valueLines(toJsonSchema(chartValues).properties ?? {}, '')}`;
}

/** Each key with its description as a comment above it. */
function valueLines(properties: Readonly<Record<string, JsonSchema>>, indent: string): string {
  return Object.entries(properties)
    .filter(([key]) => key !== 'global')
    .map(([key, schema]) => {
      const { description, properties: inner, default: value } = schema;
      const blank = indent === '' ? '\n' : '';
      const comment = description ? `${wrapped(description, `${indent}# `)}\n` : '';
      if (inner) return `${blank}${comment}${indent}${key}:\n${valueLines(inner, `${indent}  `)}`;
      const lines = stringify({ [key]: value }, { lineWidth: 0 })
        .trimEnd()
        .split('\n');
      return `${blank}${comment}${lines.map((line) => `${indent}${line}`).join('\n')}\n`;
    })
    .join('');
}

const WIDTH = 120;

function wrapped(text: string, start: string): string {
  const lines = [start.trimEnd()];
  for (const word of text.split(' '))
    if (`${lines.at(-1)} ${word}`.length > WIDTH) lines.push(`${start}${word}`);
    else lines.push(`${lines.pop()} ${word}`);
  return lines.join('\n');
}

function readme(): string {
  const rows = valueRows(toJsonSchema(chartValues).properties ?? {}, '');
  return `# Helm chart of Peerproof

${introduction}

## Values

${table(['value', 'default', 'what it does'], rows)}
`;
}

const introduction = `\`npm run docs\` writes this page. [Deploy with Helm](../../docs/deploy/helm.md) shows how to install the chart, step by step.

\`\`\`sh
helm install peerproof charts/peerproof -n peerproof --create-namespace -f values.yaml
helm test peerproof -n peerproof --logs
\`\`\`

The files in \`kustomize/\` are rendered from this chart. A test compares each object.`;

function valueRows(properties: Readonly<Record<string, JsonSchema>>, above: string): string[][] {
  return Object.entries(properties).flatMap(
    ([key, { description = '', properties: inner, default: value }]) => {
      const name = above + key;
      if (inner) {
        const own = description ? [[`\`${name}\``, '', cell(description)]] : [];
        return [...own, ...valueRows(inner, `${name}.`)];
      }
      return [[`\`${name}\``, `\`${cell(JSON.stringify(value ?? null))}\``, cell(description)]];
    },
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
