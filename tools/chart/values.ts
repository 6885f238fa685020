import { z } from 'zod';
import { tests } from './test-values.ts';

const text = z.string();
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
const labels = z.record(z.string(), z.string()).default({});
const objects = z.array(z.record(z.string(), z.unknown())).default([]);
const object = z.record(z.string(), z.unknown()).default({});
const isOn = z.boolean();

const caller = z.strictObject({
  namespace: name,
  serviceAccount: name.optional(),
  podLabels: z.record(z.string(), z.string()).optional(),
});

const trustBundle = z.strictObject({
  trustDomain: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  configMap: name.optional(),
  secret: name.optional(),
  key: z.string().min(1).default('ca.crt'),
  clusterTrustBundle: z
    .strictObject({
      name: z.string().min(1).optional(),
      signerName: z.string().min(1).optional(),
      labelSelector: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
});

/**
 * Every value of the chart, in the order of values.yaml. The description becomes the comment there and a row of the README,
 * the default becomes the value. What depends on two values is checked in templates/_config.tpl, as far as JSON Schema cannot.
 */
export const chartValues = z.strictObject({
  flavour: z
    .enum(['istio', 'kyma', 'ambient', 'envoy-gateway', 'plain'])
    .default('istio')
    .describe(
      'What stands before the applications: `istio` (sidecars), `kyma` (APIRules), `ambient` (waypoints), `envoy-gateway`, or `plain` (proxies without a mesh).',
    ),
  config: object.describe(
    'The configuration of Peerproof, as in docs/reference/settings.md, but without `listen`, which the chart sets. For `kyma` it also sets `http.xfcc` if it is missing.',
  ),
  existingConfig: z
    .strictObject({
      configMap: text.default('').describe('The name of a ConfigMap.'),
      secret: text.default('').describe('The name of a Secret.'),
      key: z.string().min(1).default('peerproof.yaml').describe('The key that holds the configuration.'),
    })
    .prefault({})
    .describe(
      'In place of `config`: a ConfigMap or a Secret that you write yourself. It must listen on 9001 (gRPC) or 9002 (HTTP), and on 9003.',
    ),
  restartOnChange: isOn
    .default(true)
    .describe(
      'A change of `config` replaces the pods one by one, and a wrong one stops the roll-out. With `false` the pods read it about a minute later.',
    ),
  callers: z
    .strictObject({
      namespaces: z
        .array(name)
        .default([])
        .describe(
          'Namespaces with protected applications. Each ServiceAccount in them may ask. For `envoy-gateway`: those whose SecurityPolicies may name the Service.',
        ),
      gateways: z
        .array(caller)
        .default([])
        .describe(
          'Gateways that ask by themselves: `{namespace, serviceAccount, podLabels}`. A mesh needs `serviceAccount`. `podLabels` narrows the NetworkPolicy.',
        ),
    })
    .prefault({})
    .describe('Who may ask. Peerproof believes what a caller says about its peer, so name only proxies.'),
  doors: z
    .array(z.enum(['grpc', 'http']))
    .default([])
    .describe(
      'For `plain`: the ports at which proxies ask, `grpc` (9001) and `http` (9002). Default: `grpc`.',
    ),
  trustDomain: z
    .string()
    .regex(/^[a-z0-9._-]+$/)
    .default('cluster.local')
    .describe('The trust domain of the mesh.'),
  clusterDomain: name.default('cluster.local').describe('The DNS domain of the cluster.'),
  sidecar: z
    .boolean()
    .nullable()
    .default(null)
    .describe(
      'Whether the pods of Peerproof have a sidecar. Default: in `istio` and `kyma`. Without one, only the NetworkPolicy says who may ask.',
    ),
  istio: z
    .strictObject({
      revision: text
        .default('')
        .describe('`istio.io/rev` of the pods, if the mesh is installed by revision.'),
    })
    .prefault({}),
  image: z
    .strictObject({
      repository: z
        .string()
        .min(1)
        .default('ghcr.io/peerproof/peerproof')
        .describe('A placeholder. Name yours.'),
      tag: text.default('').describe('Default: `appVersion` of the chart.'),
      digest: z
        .string()
        .regex(/^(sha256:[0-9a-f]{64})?$/)
        .default('')
        .describe('`sha256:…`, in place of the tag.'),
      pullPolicy: z.enum(['', 'Always', 'IfNotPresent', 'Never']).default(''),
    })
    .prefault({}),
  imagePullSecrets: objects,
  replicas: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe('Default: 2. Leave it out if `autoscaling` is enabled.'),
  autoscaling: z
    .strictObject({
      enabled: isOn.default(false),
      minReplicas: z.int().min(1).default(2),
      maxReplicas: z.int().min(1).default(10),
      cpuPercent: z
        .int()
        .min(1)
        .max(1000)
        .default(60)
        .describe('Of `resources.requests.cpu` of Peerproof alone.'),
    })
    .prefault({}),
  resources: object
    .default({ requests: { cpu: '250m', memory: '128Mi' }, limits: { memory: '512Mi' } })
    .describe('There is no CPU limit on purpose, because throttling would delay each request.'),
  podDisruptionBudget: z
    .strictObject({
      enabled: isOn.default(true),
      maxUnavailable: z.union([z.int().min(0), z.string().regex(/^\d+%$/)]).default(1),
    })
    .prefault({}),
  topologySpreadConstraints: z
    .array(z.record(z.string(), z.unknown()))
    .nullable()
    .default(null)
    .describe('Default: over nodes and zones, where possible. `[]`: none.'),
  priorityClassName: text.default(''),
  nodeSelector: labels,
  tolerations: objects,
  affinity: object,
  serviceAccount: z
    .strictObject({
      create: isOn.default(true),
      name: text.default('').describe('Default: the name of the release.'),
      annotations: labels,
    })
    .prefault({}),
  tokenReview: isOn
    .default(false)
    .describe(
      'The right to ask the API server about tokens, for issuers with `kubernetes: {verify: tokenReview}` or `both`.',
    ),
  store: z
    .strictObject({
      secret: text
        .default('')
        .describe(
          'The name of a Secret with the password, and the certificates of TLS. It is mounted at `/etc/peerproof-store`: name its files in `config.store.redis`, such as `passwordFile: /etc/peerproof-store/password`.',
        ),
    })
    .prefault({})
    .describe('For `store` in the configuration: what replicas must know together.'),
  authorizationRules: z
    .strictObject({
      enabled: isOn.default(false),
      crd: isOn
        .default(true)
        .describe(
          'Also installs the definition of the kind. `helm uninstall` leaves it, because the rules of all teams would go with it.',
        ),
    })
    .prefault({})
    .describe(
      'The right to watch the AuthorizationRules of teams, and to write their status. For `rulesFrom: {kubernetes: {}}` in the configuration.',
    ),
  networkPolicy: z
    .strictObject({
      enabled: isOn.default(true),
      egressPorts: z
        .array(z.int().min(1).max(65535))
        .default([])
        .describe(
          'Ports of issuers, of the API server and of a collector of telemetry. Default: 443 and 6443, in `kyma` 443. Those in `config.store` are added.',
        ),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      reader: caller
        .nullable()
        .default(null)
        .describe(
          'Who may read /metrics: `{namespace, serviceAccount, podLabels}`. Default: `prometheus` in `monitoring`, in `kyma` the metric agent.',
        ),
    })
    .prefault({}),
  monitoring: z
    .strictObject({
      podMonitor: z.strictObject({ enabled: isOn.default(false), labels }).prefault({}),
      serviceMonitor: z.strictObject({ enabled: isOn.default(false), labels }).prefault({}),
      rules: z
        .strictObject({
          enabled: isOn.default(false),
          labels,
          docs: z
            .string()
            .min(1)
            .default('https://docs.example.com/peerproof')
            .describe('The address at which your team reads docs/. Every alert links to it.'),
        })
        .prefault({}),
      dashboard: z
        .strictObject({ enabled: isOn.default(false), labels: labels.default({ grafana_dashboard: '1' }) })
        .prefault({}),
    })
    .prefault({})
    .describe(
      'Objects of the Prometheus Operator, and a ConfigMap for Grafana. `labels` are those that they look for.',
    ),
  grpcTls: z
    .strictObject({
      issuer: z
        .strictObject({
          name: text.default('').describe('The name of an issuer of cert-manager. Empty: no certificate.'),
          kind: z.enum(['Issuer', 'ClusterIssuer']).default('Issuer'),
        })
        .prefault({}),
      verifyClients: isOn
        .default(true)
        .describe('Serves only proxies with a certificate of the same authority (`ca.crt` of the Secret).'),
    })
    .prefault({})
    .describe('For `plain`: a certificate of cert-manager for the gRPC port.'),
  trustBundles: z
    .array(trustBundle)
    .default([])
    .describe(
      'Certificate authorities of trust domains: `{trustDomain, configMap, key}`, `{trustDomain, secret, key}` or `{trustDomain, clusterTrustBundle}`. `key` is `ca.crt` by default. A ClusterTrustBundle is `{name}`, or `{signerName, labelSelector}`. The chart mounts each at `/etc/peerproof-trust/<trustDomain>/bundle.pem`, and sets `peers.trustDomains.<trustDomain>.bundle` in `config`.',
    ),
  tests,
  extraVolumes: objects,
  extraVolumeMounts: objects,
  extraEnv: objects,
  podLabels: labels,
  podAnnotations: labels,
  commonLabels: labels.describe('Labels of every object.'),
  fullnameOverride: text.default('').describe('The name of every object. Default: the name of the release.'),
  global: object.describe('Not used. Helm sets it if this chart is a part of another one.'),
});
