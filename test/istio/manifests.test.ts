import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { injectSchema } from '../../src/inject/schema.ts';
import { listRules } from '../../src/serve/create-policy.ts';
import { components, type Overlay, overlays } from '../../tools/chart/overlays.ts';
import { hasType, validateAny } from '../charts/other-kinds.ts';
import { type Manifest, readManifests, root } from './manifests.ts';
import { closed, conform, validate } from './schemas.ts';
import { typeErrors } from './type-errors.ts';

const files = readManifests();
const all = files
  .flatMap(({ path, documents }) => documents.map((document) => ({ path, document })))
  // Kyma's own kinds have no published schema package: see kyma-schemas.test.ts.
  .filter(({ document }) => !document.apiVersion.includes('kyma-project.io/'));

/** The one document of this kind in this file of `istio/`. */
function only(path: string, kind: string): Manifest {
  return onlyAt(`istio/${path}`, kind);
}

/** The one of this file in the Kustomize overlay for sidecars. */
function installed(file: string, kind: string): Manifest {
  return onlyAt(`kustomize/overlays/istio/${file}`, kind);
}

function configOf(overlay: Overlay): string {
  return readFileSync(join(root, `kustomize/overlays/${overlay}/peerproof.yaml`), 'utf8');
}

function onlyAt(path: string, kind: string): Manifest {
  const found = all.filter((one) => one.path === path && one.document.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} documents of kind ${kind} in ${path}`);
  return found[0]!.document;
}

const deployment = installed('deployment.yaml', 'Deployment');
const service = installed('service.yaml', 'Service');
const namespace = onlyAt('kustomize/base/namespace.yaml', 'Namespace').metadata?.name;
const pod = deployment.spec.template;
const container = pod.spec.containers[0];
const providers: { name: string; envoyExtAuthzGrpc: { service: string; port: number } }[] = only(
  'mesh/extension-provider.yaml',
  'IstioOperator',
).spec.meshConfig.extensionProviders;
const customPolicies = all.filter(({ document }) => document.spec?.action === 'CUSTOM');
const workloadLabels = { 'app.kubernetes.io/name': 'peerproof', 'app.kubernetes.io/instance': 'peerproof' };

test('manifests – istio/ and kustomize/ hold YAML files only, each with at least one resource', (t) => {
  t.true(files.length >= 40, `only ${files.length} files`);
  for (const { path, documents } of files) {
    t.regex(path, /\.yaml$/);
    t.true(documents.length > 0, path);
    for (const document of documents) t.truthy(document?.kind, `${path}: an empty document`);
  }
});

for (const { path, text } of files) {
  test(`manifests – ${path} starts with a comment: what for, what to change, how to check`, (t) => {
    const header = text.slice(0, text.search(/^[^#]/m));
    for (const part of ['# For: ', '# Change: ', '# Check: ']) t.true(header.includes(part), part);
  });
}

for (const { path, document } of all) {
  test(`manifests – ${path}: ${document.kind} ${document.metadata?.name ?? ''} is valid by its schema`, async (t) => {
    await t.notThrowsAsync(validateAny(document));
  });
}

test('manifests – the schemas refuse: a kind that has none, a wrong value, a misspelt field where written by hand', async (t) => {
  await t.throwsAsync(validate({ apiVersion: 'example.com/v1', kind: 'Unknown' }), {
    code: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
  });
  const policy = structuredClone(customPolicies[0]!.document);
  policy.spec.action = 'CUSTOMS';
  await t.throwsAsync(validate(policy), { message: /action must be equal to one of/ });

  const mesh = structuredClone(only('mesh/extension-provider.yaml', 'IstioOperator'));
  const provider = mesh.spec.meshConfig.extensionProviders[0].envoyExtAuthzGrpc;
  provider.failopen = provider.failOpen;
  await t.throwsAsync(validate(mesh), { message: /must NOT have additional properties/ });

  const filter = structuredClone(only('protect/peer-certificate-sidecar.yaml', 'EnvoyFilter'));
  filter.spec.configPatches[0].patch.value.typed_config.include_peer_certificates = true;
  await t.throwsAsync(validate(filter), { message: /must NOT have additional properties/ });
});

// The JSON schemas of the packages let unknown fields pass; their types do not. So each resource is also compiled as a
// literal of its type, together with misspelt ones that have to fail.
test('manifests – the types know every field, and refuse a misspelt one', async (t) => {
  const misspeltDeployment = structuredClone(deployment);
  misspeltDeployment.spec.template.spec.containers[0].readinesProbe = { httpGet: { port: 9003 } };
  const misspeltPolicy = structuredClone(customPolicies[0]!.document);
  misspeltPolicy.spec.selecter = misspeltPolicy.spec.selector;
  const good = all.map(({ document }) => document).filter(hasType);
  const bad = [misspeltDeployment, misspeltPolicy];

  const errors = await typeErrors({ good, bad });
  t.deepEqual(
    errors.filter((line) => !line.startsWith('bad-')),
    [],
  );
  t.is(errors.length, bad.length, errors.join('\n'));
  t.regex(errors[0] ?? '', /^bad-0\.mts.*"readinesProbe"/);
  t.regex(errors[1] ?? '', /^bad-1\.mts.*"selecter"/);
});

const crdFile = join(root, '../shared/recorded/crds/istio.yaml');
if (existsSync(crdFile)) {
  test('manifests – the Istio resources are valid by the very CustomResourceDefinitions', (t) => {
    const schemas = new Map<string, Record<string, unknown>>();
    for (const crd of parseAllDocuments(readFileSync(crdFile, 'utf8')).map((document) => document.toJS())) {
      for (const version of crd.spec.versions) {
        const schema = closed(version.schema.openAPIV3Schema);
        const { apiVersion, kind, metadata, ...fields } = schema.properties as Record<string, object>;
        const name = `${crd.spec.group}/${version.name}/${crd.spec.names.kind}`;
        schemas.set(name, { ...schema, properties: { ...fields, apiVersion: {}, kind: {}, metadata: {} } });
      }
    }
    const check = (document: Manifest) => {
      const schema = schemas.get(`${document.apiVersion}/${document.kind}`);
      if (!schema) throw new Error(`no definition of ${document.apiVersion}/${document.kind}`);
      conform(document, schema, document.kind);
    };
    const istio = all.filter(({ document }) =>
      /^(security|networking)\.istio\.io\//.test(document.apiVersion),
    );
    t.true(istio.length >= 7);
    for (const { path, document } of istio) t.notThrows(() => check(document), path);

    const misspelt = structuredClone(customPolicies[0]!.document);
    misspelt.spec.selecter = {};
    t.throws(() => check(misspelt), { message: /must NOT have additional properties/ });
  });
} else {
  test('manifests – NOT RUN: the CustomResourceDefinitions of Istio are not beside this repository', (t) => {
    t.log(
      '../shared/recorded/crds/istio.yaml is absent: only the schemas of @kubernetes-models/istio were used',
    );
    t.false(existsSync(crdFile));
  });
}

test('manifests – the provider that the policies name is the one of the mesh, and leads to the Service', (t) => {
  t.true(customPolicies.length >= 2);
  const names = providers.map(({ name }) => name);
  for (const { path, document } of customPolicies) t.true(names.includes(document.spec.provider.name), path);
  for (const { name, envoyExtAuthzGrpc: provider } of providers) {
    t.is(provider.service, `${service.metadata?.name}.${namespace}.svc.cluster.local`);
    const port = service.spec.ports.find((one: { port: number }) => one.port === provider.port);
    t.regex(port?.name ?? '', /^grpc(-|$)/, 'by its name Istio knows that the port speaks gRPC');
    for (const other of names) t.false(other !== name && other.startsWith(name), `${name} begins ${other}`);
  }
  t.is(new Set(names).size, names.length);
});

test('manifests – Service, budget, policies and spread select the pods of the Deployment, in its namespace', (t) => {
  t.deepEqual(deployment.spec.selector.matchLabels, workloadLabels);
  t.like(pod.metadata.labels, workloadLabels);
  t.deepEqual(service.spec.selector, workloadLabels);
  const selectors = [
    onlyAt('kustomize/base/pod-disruption-budget.yaml', 'PodDisruptionBudget').spec.selector,
    installed('peer-authentication.yaml', 'PeerAuthentication').spec.selector,
    installed('authorization-policy.yaml', 'AuthorizationPolicy').spec.selector,
    installed('network-policy.yaml', 'NetworkPolicy').spec.podSelector,
    ...pod.spec.topologySpreadConstraints.map((one: { labelSelector: object }) => one.labelSelector),
  ];
  for (const selector of selectors) t.deepEqual(selector, { matchLabels: workloadLabels });
  for (const { path, document } of all.filter((one) => /^kustomize\/(?:base|overlays)\//.test(one.path))) {
    if (!['Namespace', 'Kustomization'].includes(document.kind))
      t.is(document.metadata?.namespace, namespace, path);
  }
});

test('manifests – each kustomization holds the files of its folder, and an overlay the base', (t) => {
  const kustomizations = all.filter(({ path }) => path.endsWith('/kustomization.yaml'));
  t.is(kustomizations.length, 1 + overlays.length + Object.keys(components).length);
  for (const { path, document } of kustomizations) {
    const folder = dirname(path);
    const { resources } = document as unknown as { resources: string[] };
    const names = files.filter((file) => dirname(file.path) === folder).map((file) => basename(file.path));
    const others = names.filter((name) => name !== 'kustomization.yaml');
    t.deepEqual(resources.filter((name) => name !== '../../base').toSorted(), others.toSorted(), path);
    t.is(resources.includes('../../base'), folder.startsWith('kustomize/overlays/'), path);
  }
});

test('waypoint – only the waypoint reaches the application: ztunnel enforces a policy with its ServiceAccount', (t) => {
  const waypoint = only('protect/waypoint.yaml', 'Gateway').metadata;
  const policies = all.filter(
    ({ path, document }) => path === 'istio/protect/waypoint.yaml' && document.kind === 'AuthorizationPolicy',
  );
  const [custom, allow, ...more] = policies.map(({ document }) => document);
  t.is(more.length, 0);
  t.is(custom?.spec.action, 'CUSTOM');
  t.is(custom?.spec.targetRefs[0].name, waypoint?.name);
  t.is(allow?.spec.action, 'ALLOW');
  t.is(allow?.metadata?.namespace, waypoint?.namespace);
  t.deepEqual(Object.keys(allow?.spec), ['selector', 'action', 'rules']);
  t.deepEqual(allow?.spec.rules, [
    { from: [{ source: { principals: [`cluster.local/ns/${waypoint?.namespace}/sa/${waypoint?.name}`] } }] },
  ]);
});

test('manifests – an EnvoyFilter that is placed relative to others has a priority (IST0151)', (t) => {
  const relative = all.filter(({ document }) =>
    document.spec?.configPatches?.some(({ patch }: { patch: { operation: string } }) =>
      /^(INSERT|ADD|REMOVE|REPLACE)/.test(patch.operation),
    ),
  );
  t.deepEqual(
    relative.map(({ path }) => path),
    ['istio/optional/inject.yaml'],
  );
  for (const { document } of relative) t.true(document.spec.priority > 0);
});

test('manifests – the ports of the Service are those of the pod, of the configuration and of the policies', (t) => {
  const ports = container.ports.map((one: { name: string; containerPort: number }) => [
    one.name,
    one.containerPort,
  ]);
  t.deepEqual(
    service.spec.ports.map((one: { name: string; targetPort: number }) => [one.name, one.targetPort]),
    ports,
  );
  const config = parse(configOf('istio'));
  t.deepEqual(Object.values(config.listen), ['0.0.0.0:9001', '0.0.0.0:9003']);
  t.deepEqual(ports, [
    ['grpc-authz', 9001],
    ['http-admin', 9003],
  ]);
  const network = installed('network-policy.yaml', 'NetworkPolicy').spec.ingress;
  const allowed = network.flatMap((rule: { ports: { port: number }[] }) =>
    rule.ports.map(({ port }) => port),
  );
  t.deepEqual(allowed, [9001, 9003, 15020]);
});

test('manifests – the Deployment: replicas, a pod without privileges, probes on the admin port', (t) => {
  t.true(deployment.spec.replicas >= 2);
  t.is(deployment.spec.strategy.rollingUpdate.maxUnavailable, 0);
  t.like(pod.spec.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  t.true(pod.spec.securityContext.runAsUser > 0);
  t.not(pod.spec.securityContext.runAsUser, 1337, 'the user whose traffic Istio does not redirect');
  t.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  t.is(pod.spec.automountServiceAccountToken, false);
  t.is(
    pod.spec.serviceAccountName,
    onlyAt('kustomize/base/service-account.yaml', 'ServiceAccount').metadata?.name,
  );
  t.truthy(container.resources.requests.cpu);
  t.truthy(container.resources.requests.memory);
  t.deepEqual(container.startupProbe.httpGet, { path: '/healthz', port: 9003 });
  t.deepEqual(container.livenessProbe.httpGet, { path: '/healthz', port: 9003 });
  t.deepEqual(container.readinessProbe.httpGet, { path: '/readyz', port: 9003 });
});

test('manifests – a pod is given the time to drain, and its sidecar too', (t) => {
  const drain = 5 + 20; // Peerproof's drain delay and drain timeout, in seconds
  const proxy = parse(pod.metadata.annotations['proxy.istio.io/config']);
  const sidecar = Number(/^(\d+)s$/.exec(proxy.terminationDrainDuration)?.[1]);
  t.true(sidecar >= drain, 'the sidecar leaves before the calls are finished');
  t.true(pod.spec.terminationGracePeriodSeconds > drain + sidecar);
  t.true(proxy.holdApplicationUntilProxyStarts);
});

test('manifests – the configuration is mounted where the command reads it, and uses known sections only', (t) => {
  const volume = pod.spec.volumes.find(
    (one: { name: string }) => one.name === container.volumeMounts[0].name,
  );
  const { configMapGenerator } = installed('kustomization.yaml', 'Kustomization') as unknown as {
    configMapGenerator: { name: string }[];
  };
  t.is(volume.configMap.name, configMapGenerator[0]?.name);
  t.deepEqual(container.args, ['serve', '--config', `${container.volumeMounts[0].mountPath}/peerproof.yaml`]);
  const parsed = parse(configOf('istio'));
  t.deepEqual(Object.keys(parsed), ['listen', 'issuers', 'peers', 'clients', 'hosts', 'rules', 'workloads']);
  t.deepEqual(Object.keys(parsed.issuers), ['corp']);
});

for (const overlay of ['istio', 'ambient', 'kyma'] as const)
  test(`manifests – ${overlay}: every rule is tied to workloads, and the port does not count, as in Istio`, (t) => {
    const { config, warnings } = parseConfig(configOf(overlay), overlay);
    const rules = listRules(config);
    t.true(rules.length > 0);
    for (const { name, match } of rules) t.true(match.destinations.length > 0, name);
    t.deepEqual(config.hosts, { ignorePort: true });
    t.false(warnings.some((warning) => /destinations/.test(warning)));
  });

test('manifests – port 9001 is for named proxies of the mesh over mTLS, and no policy makes Peerproof check itself', (t) => {
  t.is(installed('peer-authentication.yaml', 'PeerAuthentication').spec.mtls.mode, 'STRICT');
  const policy = installed('authorization-policy.yaml', 'AuthorizationPolicy').spec;
  t.is(policy.action, 'ALLOW');
  for (const rule of policy.rules) {
    const principals: string[] = rule.from.flatMap(
      (one: { source: { principals: string[] } }) => one.source.principals,
    );
    t.true(principals.length > 0);
    for (const principal of principals) t.regex(principal, /^cluster\.local\/ns\/[a-z-]+\/sa\/([a-z-]+|\*)$/);
  }
  const check = policy.rules[0].to[0].operation;
  t.deepEqual(check.ports, ['9001']);
  t.deepEqual(check.paths, ['/envoy.service.auth.v3.Authorization/Check']);
  for (const { path, document } of customPolicies) {
    t.false([namespace, 'istio-system', undefined].includes(document.metadata?.namespace), path);
  }
});

test('manifests – the EnvoyFilters of protect/ are four: the peer certificate at sidecar, gateway and TCP, and the body at one workload', (t) => {
  const contexts = all
    .filter(({ path, document }) => document.kind === 'EnvoyFilter' && path.startsWith('istio/protect/'))
    .map(({ document }) => {
      const [{ applyTo, match, patch }, ...more] = document.spec.configPatches;
      t.is(more.length, 0);
      const { filter } = match.listener.filterChain;
      t.is((filter.subFilter ?? filter).name, patch.value.name, 'what is merged is what was matched');
      return [document.metadata?.namespace, applyTo, match.context, patch.operation];
    });
  t.deepEqual(contexts, [
    ['istio-system', 'HTTP_FILTER', 'GATEWAY', 'MERGE'],
    ['applications', 'HTTP_FILTER', 'SIDECAR_INBOUND', 'MERGE'],
    ['applications', 'NETWORK_FILTER', 'SIDECAR_INBOUND', 'MERGE'],
    ['applications', 'HTTP_FILTER', 'SIDECAR_INBOUND', 'MERGE'],
  ]);
  // For all other workloads the body costs memory and time.
  t.truthy(only('protect/token-endpoint-body.yaml', 'EnvoyFilter').spec.workloadSelector?.labels);
});

test('manifests – the EnvoyFilter of inject uses the default address of inject', (t) => {
  const filter = only('optional/inject.yaml', 'EnvoyFilter') as unknown as {
    spec: { configPatches: { patch: { value: { load_assignment?: unknown } } }[] };
  };
  const addresses = JSON.stringify(filter.spec.configPatches[0]?.patch.value.load_assignment);
  const { listen } = injectSchema.parse({ tokens: [{ hosts: ['a'], audience: 'a', file: 'a' }] });
  t.true(addresses.includes(`"address":"${listen.grpc.host}","port_value":${listen.grpc.port}`));
});

test('manifests – the component token-review allows one ServiceAccount to create TokenReviews, and nothing else', (t) => {
  const folder = 'kustomize/components/token-review';
  const role = onlyAt(`${folder}/cluster-role.yaml`, 'ClusterRole') as Manifest & { rules: unknown };
  const binding = onlyAt(`${folder}/cluster-role-binding.yaml`, 'ClusterRoleBinding') as Manifest & {
    roleRef: unknown;
    subjects: unknown;
  };
  t.deepEqual(role.rules, [
    { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  ]);
  const name = role.metadata?.name;
  t.deepEqual(binding.roleRef, { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });
  t.deepEqual(binding.subjects, [{ kind: 'ServiceAccount', name: 'peerproof', namespace: 'peerproof' }]);
  t.false(all.some(({ path, document }) => path.startsWith('istio/') && /^ClusterRole/.test(document.kind)));
});
