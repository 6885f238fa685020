import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { parse } from 'yaml';
import { configJsonSchema, type JsonSchema, settingsAt } from '../../src/config/json-schema.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

const schema = configJsonSchema();
const validate = new Ajv2020({ strict: false }).compile(schema);
const listen = 'listen: {http: "0.0.0.0:9002"}\n';
const accepts = (more: string) => validate(parse(goodConfig({ more })));

test('JSON Schema – the published file has the HTTP door and the identity as the source has them', (t) => {
  const file = new URL('../../peerproof.schema.json', import.meta.url);
  const published = JSON.parse(readFileSync(file, 'utf8')) as JsonSchema;
  for (const name of ['http', 'identity', 'listen'])
    t.deepEqual(published.properties?.[name], JSON.parse(JSON.stringify(schema.properties?.[name])), name);
});

test('JSON Schema – editors are offered each setting', (t) => {
  t.deepEqual(settingsAt(schema, ['identity']), [
    'preset',
    'claims',
    'allowInsecureUnverifiedEmail',
    'passAccessToken',
    'passAuthorization',
    'token',
    'headers',
  ]);
  t.deepEqual(settingsAt(schema, ['identity', 'claims']), ['email', 'preferredUsername', 'groups']);
  t.deepEqual(settingsAt(schema, ['identity', 'headers', 'x-tenant']).toSorted(), ['claim', 'from']);
  t.deepEqual(settingsAt(schema, ['http']), ['tls', 'pathPrefix', 'xfcc', 'spiffeId', 'forwardAuth']);
  t.deepEqual(settingsAt(schema, ['http', 'xfcc']), ['sidecar']);
  t.deepEqual(settingsAt(schema, ['http', 'forwardAuth', 0]), [
    'path',
    'proxies',
    'original',
    'hostHeader',
    'certificateHeader',
  ]);
});

test('JSON Schema – each setting of both says what it does', (t) => {
  const undocumented: string[] = [];
  const walk = (node: JsonSchema, path: string): void => {
    const { properties = {}, items, anyOf = [], additionalProperties: rest } = node;
    for (const [name, property] of Object.entries(properties)) {
      const inner = property.properties ?? property.anyOf ?? property.items?.description;
      if (!property.description && !inner) undocumented.push(`${path}.${name}`);
      walk(property, `${path}.${name}`);
    }
    for (const next of [items, ...anyOf, typeof rest === 'object' ? rest : undefined])
      if (next) walk(next, path);
  };
  walk(schema.properties?.identity ?? t.fail('no identity') ?? {}, 'identity');
  walk(schema.properties?.http ?? t.fail('no http') ?? {}, 'http');
  // What a header is made of is said where the headers are.
  t.deepEqual(
    undocumented.filter((path) => !/headers?\.(?:claim|from)$/.test(path)),
    [],
  );
});

const fine = [
  'identity: {}',
  'identity: {preset: oauth2-proxy, passAccessToken: true, claims: {groups: /realm_access/roles}}',
  'identity: {headers: {x-tenant: {claim: tenant}, x-user: {from: x-auth-request-user}, x-spiffe-id: false}}',
  `${listen}http: {pathPrefix: /check, xfcc: direct}`,
  `${listen}http: {xfcc: {sidecar: "spiffe://cluster.local/ns/peerproof/sa/peerproof"}}`,
  `${listen}http: {forwardAuth: [{path: /auth, proxies: [10.0.0.0/8], original: x-original-url, hostHeader: x-original-host, certificateHeader: ssl-cert}]}`,
];
for (const more of fine)
  test(`JSON Schema – accepts, as the program does: ${more.replace('\n', ' ')}`, (t) => {
    t.true(accepts(more), JSON.stringify(validate.errors));
    t.deepEqual(problemsOf(goodConfig({ more })), []);
  });

const wrong = [
  'identity: {preset: nginx}',
  'identity: {email: mail}',
  'identity: {claims: {email: ""}}',
  'identity: {passAccessToken: "true"}',
  'identity: {headers: {X-Tenant: {claim: tenant}}}',
  'identity: {headers: {x_tenant: {claim: tenant}}}',
  'identity: {headers: {x-tenant: true}}',
  'identity: {headers: {x-tenant: {claim: tenant, from: x-auth-request-user}}}',
  'identity: {headers: {x-tenant: {header: x-user}}}',
  `${listen}http: {prefix: /check}`,
  `${listen}http: {pathPrefix: /check/}`,
  `${listen}http: {xfcc: append}`,
  `${listen}http: {forwardAuth: [{path: /auth, proxies: [], original: x-original}]}`,
  `${listen}http: {forwardAuth: [{path: /auth, proxies: [10.0.0.7], original: forwarded}]}`,
  `${listen}http: {forwardAuth: [{path: /auth, proxies: [10.0.0.7]}]}`,
  `${listen}http: {forwardAuth: {path: /auth, proxies: [10.0.0.7], original: x-original}}`,
];
for (const more of wrong)
  test(`JSON Schema – refuses, as the program does: ${more.replace('\n', ' ')}`, (t) => {
    t.false(accepts(more));
    t.true(problemsOf(goodConfig({ more })).length > 0);
  });
