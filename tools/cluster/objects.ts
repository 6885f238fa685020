import { readFileSync } from 'node:fs';
import { introspected, tokens } from '../../test/doors/tokens.ts';
import { OPAQUE_ISSUER } from '../../test/doors/verdicts.ts';

/** The namespace of the applications. The identities of the table name it. */
export const APPLICATIONS = 'applications';

/** Where the sidecar of a pod writes its certificate (`OUTPUT_CERTS` of Istio's agent). */
export const CERTIFICATES = '/etc/istio-output-certs';

const programs = ['send.mts', 'serve.mts'].map((name) => [
  name,
  readFileSync(new URL(name, import.meta.url), 'utf8'),
]);

/** Who sends requests: the name of the Deployment, and the ServiceAccount. `nobody` has no sidecar, so no certificate. */
export const senders = { client: 'client', rotated: 'client', thief: 'thief', nobody: 'nobody' } as const;
export type Sender = keyof typeof senders;

/** Everything in the namespace of the applications. Each pod runs in the image of Peerproof, because it holds Node. */
export function applicationObjects(image: string): readonly object[] {
  const accounts = [...new Set([...Object.values(senders), 'orders'])];
  const later = Math.floor(Date.now() / 1000) + 3600;
  const answers = { [tokens.opaque()]: introspected(tokens.opaque(), OPAQUE_ISSUER, later) };
  return [
    object('v1', 'ConfigMap', 'programs', { data: Object.fromEntries(programs) }),
    ...accounts.map((name) => object('v1', 'ServiceAccount', name, {})),
    // Whoever has no sidecar must reach the application, because the table says what becomes of it.
    object('security.istio.io/v1beta1', 'PeerAuthentication', 'permissive', {
      spec: { mtls: { mode: 'PERMISSIVE' } },
    }),
    deployment({ name: 'orders', account: 'orders', image, args: ['/programs/serve.mts'] }),
    service('orders'),
    deployment({
      ...{ name: 'introspection', account: 'nobody', image, args: ['/programs/serve.mts'] },
      env: [{ name: 'ANSWERS', value: JSON.stringify(answers) }],
    }),
    service('introspection'),
    ...Object.entries(senders).map(([name, account]) =>
      deployment({ name, account, image, args: ['-e', 'setInterval(() => undefined, 60_000)'] }),
    ),
  ];
}

interface Pods {
  readonly name: string;
  readonly account: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly object[];
}

function deployment({ name, account, image, args, env = [] }: Pods): object {
  const labels = { app: name };
  const inMesh = account !== 'nobody';
  const sends = name in senders && inMesh;
  const container = {
    ...{ name: 'app', image, command: ['node', ...args] },
    env: [...env, ...(sends ? [{ name: 'CERTIFICATES', value: CERTIFICATES }] : [])],
    volumeMounts: [
      { name: 'programs', mountPath: '/programs', readOnly: true },
      ...(sends ? [{ name: 'certificates', mountPath: CERTIFICATES, readOnly: true }] : []),
    ],
  };
  return object('apps/v1', 'Deployment', name, {
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels: { ...labels, 'sidecar.istio.io/inject': `${inMesh}` },
          annotations: sends ? writesCertificate : {},
        },
        spec: {
          serviceAccountName: account,
          automountServiceAccountToken: false,
          containers: [container],
          volumes: [
            { name: 'programs', configMap: { name: 'programs' } },
            ...(sends ? [{ name: 'certificates', emptyDir: { medium: 'Memory' } }] : []),
          ],
        },
      },
    },
  });
}

/** https://istio.io/latest/docs/ops/integrations/prometheus/#tls-settings shows the same for Prometheus. */
const writesCertificate = {
  // The program itself speaks to the sidecar of the application.
  'traffic.sidecar.istio.io/includeOutboundIPRanges': '',
  'proxy.istio.io/config': `proxyMetadata: {OUTPUT_CERTS: ${CERTIFICATES}}`,
  'sidecar.istio.io/userVolumeMount': JSON.stringify([{ name: 'certificates', mountPath: CERTIFICATES }]),
};

function service(name: string): object {
  const ports = [{ name: 'http', port: 8080, targetPort: 8080 }];
  return object('v1', 'Service', name, { spec: { selector: { app: name }, ports } });
}

function object(apiVersion: string, kind: string, name: string, rest: object): object {
  return { apiVersion, kind, metadata: { name, namespace: APPLICATIONS }, ...rest };
}
