import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { chartTest, installed, only, render } from '../charts/chart.ts';
import { root } from '../istio/manifests.ts';

const [security, clients] = parseAllDocuments(
  readFileSync(`${root}gateway-api/envoy-gateway.yaml`, 'utf8'),
).map((document) => document.toJS());
const page = readFileSync(`${root}docs/deploy/gateway-api.md`, 'utf8');
const [, values = ''] = /```yaml\n(# values\.yaml\n[\s\S]*?)```/.exec(page) ?? [];

chartTest('gateway-api – the policy asks the Service that the values of the page install', async (t) => {
  const manifests = installed(await render(parse(values)));
  const service = only(manifests, 'Service');
  const [{ name, namespace, port }] = security.spec.extAuth.grpc.backendRefs;
  t.is(service.metadata?.name, name);
  t.is(service.metadata?.namespace, namespace);
  t.true(service.spec.ports.some((one: { port: number }) => one.port === port));
});

chartTest('gateway-api – the chart lets the SecurityPolicy name the Service', async (t) => {
  const grant = only(installed(await render(parse(values))), 'ReferenceGrant');
  const [group] = security.apiVersion.split('/');
  t.deepEqual(grant.spec.from, [{ group, kind: security.kind, namespace: security.metadata.namespace }]);
  t.is(grant.metadata?.namespace, security.spec.extAuth.grpc.backendRefs[0].namespace);
});

chartTest(
  'gateway-api – Peerproof reads the certificate from the header that the policy writes',
  async (t) => {
    const { data } = only(installed(await render(parse(values))), 'ConfigMap');
    const { peers, hosts } = parse(data?.['peerproof.yaml'] ?? '');
    t.deepEqual(peers.from, ['xfcc']);
    t.is(clients.spec.headers.xForwardedClientCert.mode, 'SanitizeSet');
    t.true(hosts.ignorePort);
  },
);
