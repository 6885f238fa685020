import { type Ca, createCa, type Issued } from '../test/support/ca.ts';

const namespace = 'spiffe://cluster.local/ns/applications/sa';

/** SPIFFE IDs in the form that Istio gives them: trust domain, namespace, ServiceAccount. */
export const ids = {
  /** The workload that the tokens are issued to. */
  oauthclient: `${namespace}/oauthclient`,
  /** Its neighbour, who stole them. */
  other: `${namespace}/other`,
  /** The application that both of them call, behind its sidecar. */
  orders: `${namespace}/orders`,
} as const;

/** A workload's identity: its name, and the certificate it shows at the moment. */
export interface Svid extends Issued {
  readonly id: string;
}

/** All workloads with a certificate, and the CA that they trust. */
export interface Workloads {
  readonly ca: Ca;
  readonly oauthclient: Svid;
  /** The same workload after its certificate was rotated: the same name, another key. */
  readonly rotated: Svid;
  readonly other: Svid;
  readonly orders: Svid;
}

/** Makes a CA for this run and an X.509-SVID a workload: empty subject, one URI SAN, as Istio issues them. */
export async function createWorkloads(): Promise<Workloads> {
  const ca = await createCa({ name: 'O=Peerproof demo, CN=throwaway' });
  const svid = async (id: string, reachable: { dns?: string[]; ips?: string[] } = {}): Promise<Svid> => ({
    ...(await ca.issue({ uris: [id], ...reachable })),
    id,
  });
  const [oauthclient, rotated, other, orders] = await Promise.all([
    svid(ids.oauthclient),
    svid(ids.oauthclient),
    svid(ids.other),
    // Under these names curl finds it, when the demo is kept running.
    svid(ids.orders, { dns: ['localhost'], ips: ['127.0.0.1'] }),
  ]);
  return { ca, oauthclient, rotated, other, orders };
}
