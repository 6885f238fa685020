import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { type Manifest, readManifests, root } from './manifests.ts';
import { closed, conform, validate } from './schemas.ts';

const files = readManifests();
const kyma = files.filter(({ path }) => /^(?:istio|kustomize\/overlays)\/kyma\//.test(path));
const all = kyma.flatMap(({ path, documents }) => documents.map((document) => ({ path, document })));
const isKymas = ({ apiVersion }: Manifest) => apiVersion.includes('kyma-project.io/');

const name = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$' };
const object = (properties: object, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const list = (items: object) => ({ type: 'array', minItems: 1, uniqueItems: true, items });
/** Istio takes a `*` at the end of a header name, or at its beginning, and nowhere else. */
const headers = (pattern: string) => list({ type: 'string', pattern });
const metadata = object({ name, namespace: name });

/** Kyma's own kinds, for where its definitions are not beside this repository; required is what ours may not leave out. */
const byHand: Record<string, Record<string, unknown>> = {
  Istio: object({
    apiVersion: { const: 'operator.kyma-project.io/v1alpha2' },
    kind: {},
    metadata,
    spec: object({
      config: object({
        authorizers: list(
          object({
            name: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$' },
            service: { type: 'string', pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)+$' },
            port: { type: 'integer', minimum: 1, maximum: 65535 },
            timeout: { type: 'string', pattern: '^[1-9][0-9]*s$' },
            headers: object({
              inCheck: object({ include: headers('^[a-z0-9_-]+\\*?$') }),
              toUpstream: object({ onAllow: headers('^[a-z0-9-]+$') }),
              toDownstream: object({ onDeny: headers('^[a-z0-9-]+$') }),
            }),
          }),
        ),
      }),
    }),
  }),
  APIRule: object({
    apiVersion: { const: 'gateway.kyma-project.io/v2' },
    kind: {},
    metadata,
    spec: object({
      gateway: { type: 'string', pattern: '^[a-z0-9-]+/[a-z0-9-]+$' },
      hosts: list(name),
      service: object({ name, port: { type: 'integer' } }),
      rules: list(
        object({
          path: { type: 'string', pattern: '^/' },
          methods: list({ type: 'string', pattern: '^[A-Z]+$' }),
          extAuth: object({ authorizers: list(name) }),
        }),
      ),
    }),
  }),
};

test('Kyma – its folders hold YAML files only, each under 250 lines and with what for, what to change and how to check', (t) => {
  t.true(kyma.length >= 8, `only ${kyma.length} files`);
  for (const { path, text, documents } of kyma) {
    t.regex(path, /\.yaml$/);
    t.true(text.split('\n').length < 250, path);
    const header = text.slice(0, text.search(/^[^#]/m));
    for (const part of ['# For: ', '# Change: ', '# Check: '])
      t.true(header.includes(part), `${path}: ${part}`);
    for (const document of documents) t.truthy(document?.kind, `${path}: an empty document`);
  }
});

for (const { path, document } of all) {
  test(`Kyma – ${path}: ${document.kind} is valid by its schema`, async (t) => {
    if (isKymas(document))
      t.notThrows(() => conform(document, byHand[document.kind] ?? { not: {} }, document.kind));
    else await t.notThrowsAsync(validate(document));
  });
}

const folder = join(root, '../shared/recorded/crds');
if (existsSync(folder)) {
  test('Kyma – the resources are valid by the very CustomResourceDefinitions of Kyma and Istio', (t) => {
    const schemas = new Map<string, Record<string, unknown>>();
    for (const file of ['kyma-istio', 'kyma-apirule', 'istio']) {
      const definitions = parseAllDocuments(readFileSync(join(folder, `${file}.yaml`), 'utf8'));
      for (const { spec } of definitions.map((document) => document.toJS()))
        for (const version of spec.versions) {
          const schema = closed(version.schema.openAPIV3Schema);
          const { apiVersion, kind, metadata, ...rest } = schema.properties as Record<string, object>;
          schemas.set(`${spec.group}/${version.name}/${spec.names.kind}`, {
            ...schema,
            properties: { ...rest, apiVersion: {}, kind: {}, metadata: {} },
          });
        }
    }
    const check = (document: Manifest) => {
      const schema = schemas.get(`${document.apiVersion}/${document.kind}`);
      if (!schema) throw new Error(`no definition of ${document.apiVersion}/${document.kind}`);
      conform(document, schema, document.kind);
    };
    const custom = all.filter(({ document }) => /\.(?:istio|kyma-project)\.io\//.test(document.apiVersion));
    t.deepEqual(custom.map(({ document }) => document.kind).sort(), [
      'APIRule',
      'AuthorizationPolicy',
      'Istio',
      'PeerAuthentication',
    ]);
    for (const { path, document } of custom) t.notThrows(() => check(document), path);

    const rule = structuredClone(custom.find(({ document }) => document.kind === 'APIRule')!.document);
    rule.spec.rules[0].extAuth.authorizer = rule.spec.rules[0].extAuth.authorizers;
    t.throws(() => check(rule), { message: /must NOT have additional properties/ });
    rule.spec.rules[0].extAuth = {};
    t.throws(() => check(rule), { message: /must have required property 'authorizers'/ });
  });
} else {
  test('Kyma – NOT RUN: the CustomResourceDefinitions of Kyma are not beside this repository', (t) => {
    t.log('../shared/recorded/crds is absent: only the schemas of this file were used');
    t.false(existsSync(folder));
  });
}
