import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { parse } from 'yaml';
import { configuration as demoConfiguration } from '../../demo/tokens.ts';
import { schemaFiles } from '../../src/config/json-schema.ts';
import { recordOf } from '../../src/lib/json.ts';
import { overlays } from '../../tools/chart/overlays.ts';
import { readPages, top } from '../../tools/docs/pages.ts';
import type { OidcProvider } from '../support/oidc-provider.ts';

const names = Object.keys(schemaFiles) as (keyof typeof schemaFiles)[];
const schemaOf = (name: string) =>
  JSON.parse(readFileSync(new URL(name, top), 'utf8')) as { readonly $id: string };
const validators = new Map(
  names.map((name) => [
    name as string,
    new Ajv2020({ strict: false, validateFormats: false }).compile(schemaOf(name)),
  ]),
);

test('JSON Schema – each published file has a name of its own, and is in the package', (t) => {
  const { files } = JSON.parse(readFileSync(new URL('package.json', top), 'utf8')) as { files: string[] };
  for (const name of names) {
    t.is(schemaOf(name).$id, `urn:peerproof:schema:${schemaFiles[name]}`);
    t.true(files.includes(name), name);
  }
});

test('JSON Schema – the one of inject finds what inject refuses', (t) => {
  const validate = validators.get('peerproof-inject.schema.json');
  t.true(validate?.({ tokens: [{ hosts: ['a'], audience: 'a', file: 'a' }] }));
  t.false(validate?.({ tokens: [{ hosts: ['a'], audience: 'a', fil: 'a' }] }));
  t.false(validate?.({ tokens: [] }));
});

/** Whole configurations that a person copies, with the place that each is for. */
const samples: [title: string, text: string][] = [
  ...['policy-tests', 'teams', 'teams/rules.d'].flatMap((folder) =>
    readdirSync(new URL(`examples/${folder}/`, top))
      .filter((name) => name.endsWith('.yaml'))
      .map((name): [string, string] => [
        `examples/${folder}/${name}`,
        readFileSync(new URL(`examples/${folder}/${name}`, top), 'utf8'),
      ]),
  ),
  ...overlays.map((name): [string, string] => [
    `my-${name}/a copy of the overlay`,
    readFileSync(new URL(`kustomize/overlays/${name}/peerproof.yaml`, top), 'utf8'),
  ]),
  ...readPages().flatMap(({ path, text }) =>
    [...text.matchAll(/^`{3}yaml\n([\s\S]*?)^`{3}/gm)]
      .map(([, code = '']): [string, string] => [path, code])
      .filter(([, code]) => isWhole(code)),
  ),
  ['the demo', demoConfiguration({ issuer: 'https://127.0.0.1:1' } as OidcProvider)],
];

function isWhole(code: string): boolean {
  const value = recordOf(parse(code));
  const isConfiguration = 'issuers' in value && 'rules' in value;
  return isConfiguration || ('tokens' in value && Array.isArray(value.tokens));
}

for (const [index, [title, text]] of samples.entries())
  test(`JSON Schema – sample ${index + 1} names its schema for editors, and is valid there: ${title}`, (t) => {
    const [, named = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    const file = named.split('/').at(-1) ?? '';
    const validate = validators.get(file);
    t.truthy(validate, named);
    t.true(validate?.(parse(text)), JSON.stringify(validate?.errors));
    if (named.startsWith('../')) t.true(existsSync(new URL(named, new URL(title, top))));
    if (named.startsWith('file:')) t.true(existsSync(fileURLToPath(named)));
  });
