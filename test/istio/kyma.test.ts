import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { parseHost } from '../../src/core/policy/host.ts';
import { istioCr } from '../../tools/docs/kyma.ts';
import { type Manifest, readManifests, root } from './manifests.ts';

const files = readManifests();

/** The one document of this kind in this file of `istio/kyma/`. */
function only(path: string, kind: string): Manifest {
  return onlyAt(`istio/kyma/${path}`, kind);
}

/** The one of this file in the Kustomize overlay. */
function installed(file: string, kind: string): Manifest {
  return onlyAt(`kustomize/overlays/kyma/${file}`, kind);
}

function onlyAt(path: string, kind: string): Manifest {
  const found = files
    .filter((file) => file.path === path)
    .flatMap(({ documents }) => documents)
    .filter((document) => document.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} documents of kind ${kind} in ${path}`);
  return found[0]!;
}

const namespace = onlyAt('kustomize/base/namespace.yaml', 'Namespace').metadata?.name;
const account = onlyAt('kustomize/base/service-account.yaml', 'ServiceAccount').metadata?.name;
const deployment = installed('deployment.yaml', 'Deployment');
const container = deployment.spec.template.spec.containers[0];
const service = installed('service.yaml', 'Service');
const rule = only('protect/apirule.yaml', 'APIRule');
const authorizers: { name: string; service: string; port: number; timeout: string; pathPrefix?: string }[] =
  only('mesh/istio-cr.yaml', 'Istio').spec.config.authorizers;
const text = readFileSync(join(root, 'kustomize/overlays/kyma/peerproof.yaml'), 'utf8');
const written = parse(text);
const gateway = 'cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account';

test('Kyma – the Deployment is that of sidecars, with the HTTP port and without annotations for Prometheus', (t) => {
  const expected = structuredClone(onlyAt('kustomize/overlays/istio/deployment.yaml', 'Deployment'));
  const { metadata, spec } = expected.spec.template;
  metadata.labels['networking.kyma-project.io/from-ingressgateway'] = 'allowed';
  for (const name of ['scrape', 'port', 'path']) delete metadata.annotations[`prometheus.io/${name}`];
  spec.containers[0].ports[0] = { name: 'http-check', containerPort: 9002 };
  t.deepEqual(deployment, expected);
});

test('Kyma – the registration is a part of the only Istio resource', (t) => {
  t.deepEqual(only('mesh/istio-cr.yaml', 'Istio').metadata, { name: 'default', namespace: 'kyma-system' });
  t.is(istioCr.pathname, `${root}istio/kyma/mesh/istio-cr.yaml`);
});

test('Kyma – the authorizer leads to the Service and waits a whole number of seconds', (t) => {
  const [authorizer, ...others] = authorizers;
  t.is(
    others.length,
    0,
    'the list replaces that of the cluster: more of ours would only hide more of theirs',
  );
  t.is(authorizer?.service, `${service.metadata?.name}.${namespace}.svc.cluster.local`);
  t.is(authorizer?.port, service.spec.ports[0].port);
  t.regex(authorizer?.timeout ?? '', /^[1-9]\d*s$/, 'Kyma cuts to whole seconds, and 0 is no limit');
  t.is(authorizer?.pathPrefix, written.http.pathPrefix);
});

test("the authorizer's name is not the beginning of another provider's, nor the other way round", (t) => {
  const providers: { name: string }[] = [
    ...authorizers,
    ...onlyAt('istio/mesh/extension-provider.yaml', 'IstioOperator').spec.meshConfig.extensionProviders,
    // In a comment of that file, and in the mesh that Kyma renders.
    ...['peerproof-body', 'kyma-traces', 'kyma-logs', 'stdout-json', 'envoy', 'oauth2-proxy'].map((name) => ({
      name,
    })),
  ];
  const names = providers.map(({ name }) => name);
  for (const [index, name] of names.entries())
    for (const other of names.toSpliced(index, 1)) t.false(other.startsWith(name), `${name} begins ${other}`);
});

test('Kyma – every rule of the APIRule names the authorizer, and its host is one that the configuration has', (t) => {
  for (const { extAuth, jwt, noAuth } of rule.spec.rules) {
    t.deepEqual(
      extAuth.authorizers,
      authorizers.map(({ name }) => name),
    );
    t.is(jwt ?? noAuth, undefined);
  }
  t.false([namespace, 'istio-system', 'kyma-system'].includes(rule.metadata?.namespace));
  const [host] = rule.spec.hosts;
  t.deepEqual(written.workloads.orders.rules[0].match, { hosts: [`${host}.**`] });
  t.deepEqual(parseHost(`${host}.c-1234567.kyma.example:443`), {
    labels: [host, 'c-1234567', 'kyma', 'example'],
    tail: ':443',
  });
});

test('Kyma – ports agree: Service, pod, probes, configuration, policies, metrics', (t) => {
  const ports = container.ports.map((one: { name: string; containerPort: number }) => [
    one.name,
    one.containerPort,
  ]);
  t.deepEqual(ports, [
    ['http-check', 9002],
    ['http-admin', 9003],
  ]);
  t.deepEqual(
    service.spec.ports.map((one: { name: string; targetPort: number }) => [one.name, one.targetPort]),
    ports,
  );
  for (const { port, targetPort, appProtocol } of service.spec.ports)
    t.deepEqual([targetPort, appProtocol], [port, 'http'], 'without a protocol Istio balances by connection');
  t.deepEqual(written.listen, { grpc: '127.0.0.1:9001', http: '0.0.0.0:9002', admin: '0.0.0.0:9003' });
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
    t.is(container[probe].httpGet.port, 9003);
  t.like(service as object, { metadata: { annotations: { 'prometheus.io/port': '9003' } } });
  const [checks, metrics] = installed('authorization-policy.yaml', 'AuthorizationPolicy').spec.rules;
  t.deepEqual(
    checks.to,
    [{ operation: { ports: ['9002'] } }],
    'a check has the method and path of any request',
  );
  t.deepEqual(metrics.to, [{ operation: { ports: ['9003'], methods: ['GET'], paths: ['/metrics'] } }]);
  const ingress: { ports: { port: number }[] }[] = installed('network-policy.yaml', 'NetworkPolicy').spec
    .ingress;
  t.deepEqual(
    ingress.map((one) => one.ports.map(({ port }) => port)),
    [[9002], [9003, 15090]],
  );
});

test('Kyma – both policies allow the same callers: protected namespace and gateway to the checks, one agent to the metrics', (t) => {
  const policy = installed('authorization-policy.yaml', 'AuthorizationPolicy').spec;
  t.is(policy.action, 'ALLOW');
  const principals: string[][] = policy.rules.map((one: { from: { source: { principals: string[] } }[] }) =>
    one.from.flatMap(({ source }) => source.principals),
  );
  t.deepEqual(principals, [
    [`cluster.local/ns/${rule.metadata?.namespace}/sa/*`, gateway],
    ['cluster.local/ns/kyma-system/sa/telemetry-metric-agent'],
  ]);
  const network = installed('network-policy.yaml', 'NetworkPolicy').spec;
  const namespaces = network.ingress.map(
    (one: { from: { namespaceSelector: { matchLabels: Record<string, string> } }[] }) =>
      one.from.map(({ namespaceSelector }) => namespaceSelector.matchLabels['kubernetes.io/metadata.name']),
  );
  t.deepEqual(
    namespaces,
    principals.map((list) => list.map((principal) => principal.split('/')[2])),
  );
  t.deepEqual(network.ingress[0].from[1].podSelector.matchLabels, { istio: 'ingressgateway' });
  t.truthy(network.ingress[1].from[0].podSelector.matchLabels);
  t.deepEqual(network.policyTypes, ['Ingress', 'Egress']);
  for (const selector of [policy.selector, network.podSelector])
    t.deepEqual(selector.matchLabels, deployment.spec.selector.matchLabels);
});

test('Kyma – the configuration loads; its identities are those of the pod and of the gateway', (t) => {
  const { config, warnings } = parseConfig(text, 'kustomize/overlays/kyma/peerproof.yaml');
  // The one that oauth2-proxy deserves as well, so that it is seen in the log at each start.
  t.deepEqual(warnings, ['rule orders/host: binding none accepts a stolen token from any sender']);
  t.is(config.identity.preset, 'oauth2-proxy');
  t.deepEqual(written.http.xfcc, { sidecar: `spiffe://cluster.local/ns/${namespace}/sa/${account}` });
  t.is(deployment.spec.template.spec.serviceAccountName, account);
  t.is(deployment.spec.template.metadata.labels['sidecar.istio.io/inject'], 'true');
  t.deepEqual(written.peers.gateways, [`spiffe://${gateway}`]);
  t.deepEqual(config.peers.from, ['xfcc'], 'a check over HTTP has neither attribute nor principal');
  t.deepEqual(config.workloads.orders?.rules[0]?.require?.binding, ['certificate', 'none']);
});

test('Kyma – the configuration is mounted where the command reads it', (t) => {
  const [mount] = container.volumeMounts;
  const volume = deployment.spec.template.spec.volumes.find(
    (one: { name: string }) => one.name === mount.name,
  );
  t.is(volume.configMap.name, 'peerproof');
  t.deepEqual(container.args, ['serve', '--config', `${mount.mountPath}/peerproof.yaml`]);
});
