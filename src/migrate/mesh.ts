import type { ConfigInput } from '../config/schema.ts';
import type { Comments } from './document.ts';
import type { Place } from './target.ts';

type RuleInput = ConfigInput['rules'][number];

/** The SPIFFE ID of Peerproof's own sidecar, as the manifests name it. */
export const ownId = 'spiffe://cluster.local/ns/peerproof/sa/peerproof';
const gateway = 'spiffe://cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account';

/**
 * The configuration for a mesh of Istio. The rules hold only at the workloads of the applications: a sidecar
 * accepts every Host. A token with a `cnf` is accepted only from its sender, and no rule gets wider.
 */
export function inMesh(
  { listen, http, identity, issuers, rules }: ConfigInput,
  from: NonNullable<NonNullable<ConfigInput['peers']>['from']>,
  { namespaces }: Place,
): ConfigInput {
  return {
    listen,
    ...(http && { http }),
    identity,
    issuers,
    peers: { from, trustDomains: { 'cluster.local': {} }, gateways: [gateway] },
    hosts: { ignorePort: true },
    rules: [],
    workloads: {
      applications: {
        destinations: namespaces.map((name) => `spiffe://cluster.local/ns/${name}/sa/*`),
        rules: rules.map(withCertificate),
      },
    },
  };
}

/** `none` never accepts a token with a `cnf`, so `certificate` comes before it. */
function withCertificate(rule: RuleInput): RuleInput {
  if (!rule.require?.binding?.includes('none')) return rule;
  return { ...rule, require: { ...rule.require, binding: ['certificate', 'none'] } };
}

export const tightenInMesh =
  'set binding: [certificate, workload] in this rule, as soon as the tokens are bound to their senders';

const openPort = ' lint: ignore open-port: network-policy.yaml protects the port';

export const meshComments: Comments = [
  [['listen', 'grpc'], openPort],
  [['listen', 'http'], openPort],
  [['listen', 'admin'], openPort],
  [['http', 'xfcc'], ' The sidecar of Peerproof adds one element, about the proxy that asks. It is dropped.'],
  [
    ['peers', 'gateways'],
    ' Safe only if the gateway replaces the header x-forwarded-client-cert (SANITIZE_SET).',
  ],
  [['hosts', 'ignorePort'], ' Istio ignores the port when it routes by Host.'],
  [
    ['workloads', '*', 'destinations'],
    ' The ServiceAccounts of the applications. To give one of them other rules, add a workload above this one.',
  ],
  [
    ['rules', '*', 'require', 'binding'],
    ' TIGHTEN HERE: remove none as soon as your tokens have a cnf. Until then a stolen token passes.\n lint: ignore binding-none: oauth2-proxy does not check who sends a token',
  ],
];
