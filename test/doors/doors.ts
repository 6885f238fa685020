/** What a proxy can tell Peerproof of a request. */
export interface Door {
  /** As the documentation names it. */
  readonly title: string;
  /** What it says of the client's certificate. */
  readonly certificate: 'the certificate' | 'its hash and its name' | 'only its name';
  /** Where Peerproof reads the peer from, as the decision log has it in `peer_from`. nginx and Caddy send the whole certificate. */
  readonly peerFrom: 'attribute' | 'xfcc';
  /** Whether it names the workload that the request is sent to, for `destinations`. */
  readonly destination: 'yes' | 'no' | 'the waypoint';
  /** Which headers of the client conditions can read. */
  readonly headers: 'all' | 'listed';
  /** What it does to a path before it asks. */
  readonly paths: 'as sent' | 'normalised';
  /** Statuses that it replaces on their way to the client. */
  readonly statuses: Readonly<Record<number, number>>;
}

const asEnvoy = { headers: 'all', paths: 'normalised', statuses: {} } as const;
const whole = {
  ...asEnvoy,
  certificate: 'the certificate',
  peerFrom: 'attribute',
  destination: 'yes',
} as const;
const hash = { ...whole, certificate: 'its hash and its name', peerFrom: 'xfcc' } as const;
const forwardAuth = { ...whole, destination: 'no', paths: 'as sent' } as const;

/** Every door that the verdicts go through. The rendered filters and the published files are what they say. */
export const doors = {
  grpc: { ...whole, title: 'Envoy, `ext_authz` over gRPC' },
  http: { ...hash, title: 'Envoy, `ext_authz` over HTTP (Kyma)', headers: 'listed' },
  'istio-sidecar': { ...whole, title: 'Istio sidecar, with `peer-certificate-sidecar.yaml`' },
  'istio-default': { ...hash, title: 'Istio sidecar' },
  'istio-waypoint': {
    ...hash,
    ...{ title: 'Istio waypoint', certificate: 'only its name', destination: 'the waypoint' },
  },
  'envoy-gateway': { ...whole, title: 'Envoy Gateway', peerFrom: 'xfcc', destination: 'no' },
  'envoy-file': { ...whole, title: 'Envoy with `proxies/envoy.yaml`' },
  nginx: { ...forwardAuth, title: 'nginx', statuses: { 400: 500, 503: 500 } },
  caddy: { ...forwardAuth, title: 'Caddy', statuses: {} },
  traefik: { ...forwardAuth, title: 'Traefik', paths: 'normalised', statuses: {} },
} as const satisfies Readonly<Record<string, Door>>;

export type DoorName = keyof typeof doors;
