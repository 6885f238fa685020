import { overlays } from '../../tools/chart/overlays.ts';
import type { Values } from './chart.ts';
import { asIstio, valuesFor } from './values.ts';

const allow = {
  ...{ name: 'health of orders', method: 'GET', path: '/healthz', host: 'orders.applications' },
  expect: 'allow',
};
const deny = { name: 'orders without a token', method: 'GET', path: '/orders/1', expect: 'deny' };

/** A rule that allows a request, and one that does not. */
const rules = [
  { name: 'health', match: { methods: ['GET'], paths: ['/healthz'] }, public: true },
  { name: 'orders', match: { paths: ['/orders/**'] }, require: { binding: ['none'] } },
];

/** Nobody answers there. A request without a token is refused without asking. */
const issuers = { corp: { issuer: 'https://127.0.0.1:1', audiences: ['orders'] } };
const destination = 'spiffe://cluster.local/ns/applications/sa/orders';
const peers = { trustDomains: { 'cluster.local': {} } };
const ofWorkload = {
  issuers,
  peers,
  rules: [],
  workloads: { orders: { destinations: [destination], rules } },
};
const callers = { namespaces: ['applications'] };
const sent = { ...allow, destination };
const elsewhere = {
  ...{ ...sent, name: 'another destination', expect: 'deny' },
  destination: destination.replace('orders', 'other'),
};

/** A set of values for each flavour. A test serves the configurations. */
export const flavours: Readonly<Record<string, Values>> = {
  istio: { flavour: 'istio', callers, config: ofWorkload, tests: { asks: [deny, sent, elsewhere] } },
  ambient: { flavour: 'ambient', callers, config: ofWorkload, tests: { asks: [deny, sent, elsewhere] } },
  kyma: { flavour: 'kyma', callers, config: { issuers, peers, rules }, tests: { asks: [deny] } },
  'envoy-gateway': {
    flavour: 'envoy-gateway',
    callers: { ...callers, gateways: [{ namespace: 'envoy-gateway-system' }] },
    config: { issuers, rules },
    tests: { asks: [deny, allow] },
  },
  plain: {
    flavour: 'plain',
    doors: ['grpc', 'http'],
    callers,
    config: { issuers, rules, http: { forwardAuth: [] } },
    tests: { asks: [deny, allow] },
  },
};

const on = { enabled: true };
const issuer = { name: 'proxies', kind: 'ClusterIssuer' };

/** Values that change what is rendered, each for a flavour that takes them. */
export const variants: Readonly<Record<string, Values>> = {
  ...Object.fromEntries(overlays.map((overlay) => [`the overlay ${overlay}`, valuesFor(overlay)])),
  'documents about resources': {
    ...flavours.kyma,
    config: { ...(flavours.kyma?.config as object), resourceMetadata: [{ resource: 'https://a.example' }] },
  },
  'an autoscaler': { ...asIstio, autoscaling: on },
  'other numbers': {
    ...asIstio,
    replicas: 5,
    podDisruptionBudget: { maxUnavailable: '25%' },
    networkPolicy: { egressPorts: [8443] },
    metrics: { reader: { namespace: 'o11y', serviceAccount: 'agent', podLabels: { app: 'agent' } } },
  },
  'where pods run': {
    ...asIstio,
    topologySpreadConstraints: [],
    priorityClassName: 'system-cluster-critical',
    nodeSelector: { 'kubernetes.io/arch': 'amd64' },
    tolerations: [{ key: 'edge', operator: 'Exists', effect: 'NoSchedule' }],
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  },
  'more of everything': {
    ...asIstio,
    istio: { revision: '1-30' },
    image: {
      repository: 'registry.example.com/peerproof',
      digest: `sha256:${'a'.repeat(64)}`,
      pullPolicy: 'Always',
    },
    imagePullSecrets: [{ name: 'registry' }],
    extraVolumes: [{ name: 'secrets', secret: { secretName: 'issuers' } }],
    extraVolumeMounts: [{ name: 'secrets', mountPath: '/secrets', readOnly: true }],
    extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/secrets/ca.crt' }],
    podLabels: { team: 'platform' },
    podAnnotations: { 'example.com/owner': 'platform' },
    commonLabels: { 'example.com/part-of': 'identity' },
    serviceAccount: { name: 'authorizer', annotations: { 'example.com/role': 'none' } },
    fullnameOverride: 'authorizer',
  },
  'nothing that can be left out': {
    ...flavours.plain,
    podDisruptionBudget: { enabled: false },
    networkPolicy: { enabled: false },
    serviceAccount: { create: false, name: 'default' },
    tests: { enabled: false },
  },
  'internal tokens': {
    ...asIstio,
    config: {
      ...ofWorkload,
      identity: { token: { issuer: 'https://peerproof.example.com', keyFiles: ['/secrets/key.pem'] } },
    },
    extraVolumes: [{ name: 'keys', secret: { secretName: 'keys' } }],
    extraVolumeMounts: [{ name: 'keys', mountPath: '/secrets', readOnly: true }],
  },
  'an existing ConfigMap': {
    flavour: 'istio',
    callers,
    existingConfig: { configMap: 'rules', key: 'authz.yaml' },
  },
  'an existing Secret': { flavour: 'istio', callers, existingConfig: { secret: 'rules' } },
  'no sidecar': { ...asIstio, sidecar: false },
  'a certificate': { ...flavours.plain, grpcTls: { issuer } },
  'the Prometheus Operator': {
    ...flavours.plain,
    monitoring: { podMonitor: on, serviceMonitor: on, rules: on, dashboard: on },
  },
  'trust bundles': {
    ...asIstio,
    trustBundles: [
      { trustDomain: 'cluster.local', configMap: 'istio-ca-root-cert', key: 'root-cert.pem' },
      { trustDomain: 'partner.example', secret: 'partner' },
      { trustDomain: 'pods.example', clusterTrustBundle: { signerName: 'row-major.net/spiffe' } },
      {
        trustDomain: 'live.example',
        clusterTrustBundle: {
          signerName: 'example.com/mesh',
          labelSelector: { matchLabels: { canarying: 'live' } },
        },
      },
      { trustDomain: 'other.example', clusterTrustBundle: { name: 'other' } },
    ],
  },
  'a store': {
    ...asIstio,
    store: { secret: 'redis' },
    config: {
      ...(asIstio.config as object),
      store: {
        redis: {
          sentinel: { master: 'main', nodes: ['sentinel.redis:26379'] },
          passwordFile: '/etc/peerproof-store/password',
          tls: { caFile: '/etc/peerproof-store/ca.crt' },
        },
      },
    },
  },
  'a TokenReview': { ...asIstio, tokenReview: true },
  'rules of teams': {
    ...asIstio,
    config: {
      ...(asIstio.config as object),
      delegate: [{ owner: 'applications', namespaces: ['applications'] }],
      rulesFrom: { kubernetes: {} },
    },
    authorizationRules: on,
  },
};
