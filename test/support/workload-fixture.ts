import { type Ca, createCa, type Issued, type IssueOptions } from './ca.ts';
import { NOW } from './check-world.ts';

export const TRUST_DOMAIN = 'cluster.local';
export const SHOP = `spiffe://${TRUST_DOMAIN}/ns/applications/sa/shop`;
export const TILL = `spiffe://${TRUST_DOMAIN}/ns/applications/sa/till`;
export const GATEWAY = `spiffe://${TRUST_DOMAIN}/ns/istio-system/sa/gateway`;

/** Certificates that are valid when the checks happen. */
export interface Workloads {
  /** The workload's certificate, and the one it has after rotation. */
  readonly shop: Issued;
  readonly shopRotated: Issued;
  readonly till: Issued;
  readonly gateway: Issued;
  /** Of the trust domain `evil.example`. */
  readonly foreign: Issued;
  /** Without a SPIFFE ID: a thumbprint and no name. */
  readonly nameless: Issued;
  issue(options?: IssueOptions): Promise<Issued>;
}

export async function createWorkloads(): Promise<Workloads> {
  const ca: Ca = await createCa({
    notBefore: new Date(NOW - 86_400_000),
    notAfter: new Date(NOW + 86_400_000),
  });
  const validity = { notBefore: new Date(NOW - 3_600_000), notAfter: new Date(NOW + 3_600_000) };
  const issue = (options: IssueOptions = {}) => ca.issue({ ...validity, ...options });
  const svid = (id: string) => ca.svid(id, validity);
  return {
    shop: await svid(SHOP),
    shopRotated: await svid(SHOP),
    till: await svid(TILL),
    gateway: await svid(GATEWAY),
    foreign: await svid('spiffe://evil.example/ns/applications/sa/shop'),
    nameless: await issue({ dns: ['shop.example.com'] }),
    issue,
  };
}

/** An element of x-forwarded-client-cert as a sidecar writes it: no certificate, its hash. */
export function xfccOf(issued: Issued, uri: string): string {
  return `By=${GATEWAY};Hash=${issued.sha256Hex};Subject="";URI=${uri}`;
}
