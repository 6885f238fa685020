/** Everybody in the mesh, by the name that tests use. */
export const IDS = {
  client: 'spiffe://cluster.local/ns/applications/sa/client',
  thief: 'spiffe://cluster.local/ns/applications/sa/thief',
  orders: 'spiffe://cluster.local/ns/applications/sa/orders',
  payments: 'spiffe://cluster.local/ns/applications/sa/payments',
  component: 'spiffe://cluster.local/ns/kubeflow/sa/ml-pipeline-ui',
  gateway: 'spiffe://cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account',
  peerproof: 'spiffe://cluster.local/ns/peerproof/sa/peerproof',
  foreign: 'spiffe://evil.example/ns/applications/sa/client',
} as const;

/** `rotated` is the client after its certificate was renewed. */
export type Who = keyof typeof IDS | 'rotated';
