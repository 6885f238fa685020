import type { Manifest } from './manifests.ts';

/** A connection to the pod of an application, as ztunnel and the network plugin see it. */
export interface Connection {
  /** The identity in the client's certificate. Undefined: plain TCP. */
  readonly principal?: string;
  /** 15008 through ztunnel, else the port of the application. */
  readonly port: number;
  /** The labels of the client's pod, in the same namespace. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A way to an application that leads round its waypoint. */
export interface Bypass {
  readonly way: string;
  /** What closes it, or what to do because it stays open. */
  readonly closed: string;
  /** Whether the files close it alone. */
  readonly isClosed: boolean;
  /** The connection that would be made. Undefined: it is not about a connection. */
  readonly connection?: Connection;
  /** No ztunnel stands before the pod, so only the network is left. */
  readonly withoutZtunnel?: true;
}

const name = 'gateway.networking.k8s.io/gateway-name';
export const throughWaypoint: Connection = {
  principal: 'cluster.local/ns/applications/sa/waypoint',
  port: 15008,
  labels: { [name]: 'waypoint' },
};
const other = { principal: 'cluster.local/ns/applications/sa/other', port: 15008, labels: { app: 'other' } };

/** Every way that we know. docs/deploy/ambient.md has this table. */
export const bypasses: readonly Bypass[] = [
  {
    way: 'The IP of the pod, from a workload of the mesh (`istio.io/waypoint-for: service`)',
    closed: 'The ALLOW policy: ztunnel accepts only the identity of the waypoint.',
    isClosed: true,
    connection: other,
  },
  {
    way: 'The Service or the namespace has no `istio.io/use-waypoint`, or it is `none`',
    closed: 'The same: every caller then connects with its own identity.',
    isClosed: true,
    connection: other,
  },
  {
    way: 'An ingress gateway, which connects to the application itself',
    closed:
      'The ALLOW policy refuses it. The label `istio.io/ingress-use-waypoint: "true"` of the Service sends it through the waypoint.',
    isClosed: true,
    connection: {
      ...other,
      principal: 'cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account',
    },
  },
  {
    way: 'A pod outside of the mesh, which uses plain TCP',
    closed: 'The ALLOW policy: plain TCP has no identity. The NetworkPolicy refuses it too.',
    isClosed: true,
    connection: { port: 8080, labels: { app: 'outside' } },
  },
  {
    way: 'The pod of the application is not in ambient mode, so no ztunnel protects it',
    closed: 'The NetworkPolicy: only the waypoint reaches the pod, and only its port 15008.',
    isClosed: true,
    connection: { ...other, port: 8080 },
    withoutZtunnel: true,
  },
  {
    way: 'A CUSTOM policy with a selector, which goes to ztunnel (`ztunnel does not support the CUSTOM action`)',
    closed:
      'The CUSTOM policy of the file names the waypoint in `targetRefs`. The command at the top of the file finds others.',
    isClosed: true,
  },
  {
    way: 'A client that writes `x-forwarded-client-cert` itself',
    closed: 'The waypoint overwrites the header before it asks, with the annotation of the Gateway.',
    isClosed: true,
  },
  {
    way: 'The Host of another application behind the same waypoint',
    closed:
      'Not closed by the files. A waypoint takes every Host, and its name is the destination. Use one waypoint per application, and `destinations`.',
    isClosed: false,
  },
  {
    way: 'A pod that runs with the ServiceAccount of the waypoint, and with its label',
    closed:
      'Not closed by the files. Put the waypoint in a namespace where only the platform creates pods (`istio.io/use-waypoint-namespace`).',
    isClosed: false,
    connection: throughWaypoint,
  },
  {
    way: 'The node of the pod: the kubelet, and pods with `hostNetwork`',
    closed:
      'Not closed by the files: probes need it. Forbid `hostNetwork` (Pod Security `baseline`) in namespaces of teams.',
    isClosed: false,
  },
  {
    way: 'A connection that was open before the policy',
    closed: 'Not closed by the files. Restart the waypoint and the application after you applied them.',
    isClosed: false,
  },
];

/** Whether ztunnel lets a connection to these pods pass. Reads ALLOW policies that name principals to the letter, and no others. */
export function ztunnelAllows(
  policies: readonly Manifest[],
  pod: Readonly<Record<string, string>>,
  { principal }: Connection,
): boolean {
  const applying = policies.filter(
    ({ spec }) => spec.action === 'ALLOW' && isSelected(spec.selector.matchLabels, pod),
  );
  type Rule = { from: { source: { principals: string[] } }[] };
  return (
    applying.length === 0 ||
    applying.some(({ spec }) =>
      spec.rules.some(({ from }: Rule) =>
        from.some(({ source }) => principal !== undefined && source.principals.includes(principal)),
      ),
    )
  );
}

/** Whether the network lets a connection from a pod of the same namespace pass. Addresses of the node count for nothing here. */
export function networkAllows(
  policies: readonly Manifest[],
  pod: Readonly<Record<string, string>>,
  { port, labels }: Connection,
): boolean {
  type Ingress = {
    from: { podSelector?: { matchLabels: Record<string, string> } }[];
    ports?: { port: number }[];
  };
  const applying = policies.filter(({ spec }) => isSelected(spec.podSelector.matchLabels, pod));
  return (
    applying.length === 0 ||
    applying.some(({ spec }) =>
      spec.ingress.some(
        ({ from, ports }: Ingress) =>
          (!ports || ports.some((one) => one.port === port)) &&
          from.some(({ podSelector }) => podSelector && isSelected(podSelector.matchLabels, labels)),
      ),
    )
  );
}

function isSelected(wanted: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>) {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
