import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { type Manifest, root } from '../istio/manifests.ts';
import { validateGateway } from './schemas.ts';

const read = (name: string) => readFileSync(`${root}gateway-api/${name}`, 'utf8');
const documents = (name: string): Manifest[] =>
  parseAllDocuments(read(name)).map((document) => {
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem) throw problem;
    return document.toJS();
  });
const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/envoy-gateway/${name}`, import.meta.url), 'utf8');
const files = readdirSync(`${root}gateway-api`);

for (const name of files)
  test(`gateway-api – ${name} says what for, what to change and how to check, and its objects are valid`, async (t) => {
    const text = read(name);
    const header = text.slice(0, text.search(/^[^#]/m));
    for (const part of ['# For: ', '# Apply: ', '# Change: ', '# Check: '])
      t.true(header.includes(part), part);
    for (const manifest of documents(name)) await t.notThrowsAsync(validateGateway(manifest), manifest.kind);
  });

test('gateway-api – the schemas refuse a misspelt field', async (t) => {
  const [policy] = structuredClone(documents('envoy-gateway.yaml'));
  policy!.spec.extAuth.failopen = false;
  await t.throwsAsync(validateGateway(policy!), { message: /must NOT have additional properties/ });
});

test('gateway-api – what was never tried says so at its top', (t) => {
  for (const name of files)
    t.is(
      /^# For: +UNTRIED/.test(read(name)),
      !['envoy-gateway.yaml', 'keep-the-check.yaml'].includes(name),
      name,
    );
});

test('Envoy Gateway – the recorded listener is what the file asks for', (t) => {
  const [security, clients] = documents('envoy-gateway.yaml');
  const [manager, routes] = parseAllDocuments(fixture('gateway.yaml')).map((document) => document.toJS());
  const [filter] = manager.httpFilters;
  const { grpcService, statusOnError, failureModeAllow } = filter.typedConfig;
  const { grpc, timeout } = security!.spec.extAuth;
  const [{ name, namespace, port }] = grpc.backendRefs;
  t.is(grpcService.envoyGrpc.authority, `${name}.${namespace}:${port}`);
  t.is(grpcService.timeout, timeout);
  t.is(statusOnError.code, 'ServiceUnavailable');
  t.is(failureModeAllow, undefined);
  const { mode, certDetailsToAdd } = clients!.spec.headers.xForwardedClientCert;
  t.is(mode, 'SanitizeSet');
  t.is(manager.forwardClientCertDetails, 'SANITIZE_SET');
  t.deepEqual(manager.setCurrentClientCertDetails, { cert: true, uri: true });
  t.deepEqual(certDetailsToAdd, ['Cert', 'URI']);
  // Envoy Gateway ignores the port of a host, so `hosts: {ignorePort: true}` must be set.
  t.true(routes.ignorePortInHostMatching);
});

const asks = (route: { typedPerFilterConfig?: object }) =>
  Object.keys(route.typedPerFilterConfig ?? {}).some((name) =>
    name.startsWith('envoy.filters.http.ext_authz'),
  );

/** What becomes of a request to a route that Envoy Gateway rendered. */
const outcomes = {
  overridden: 'passes without a check',
  merged: 'is checked',
  broken: '500',
  brokenAndOpen: 'passes without a check',
  externalAuthFilter: '500',
} as const;

for (const [name, outcome] of Object.entries(outcomes))
  test(`Envoy Gateway – ${name}: a request ${outcome}`, (t) => {
    const [route] = parse(fixture('routes.yaml'))[name];
    const status = route.directResponse?.status;
    const unchecked = asks(route) ? 'is checked' : 'passes without a check';
    t.is(status === undefined ? unchecked : String(status), outcome);
  });
