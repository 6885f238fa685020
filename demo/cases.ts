import type { BindingName } from '../src/core/binding/bind.ts';
import type { ReasonName } from '../src/core/reasons.ts';
import type { Headers } from './asker.ts';
import type { Tokens } from './tokens.ts';
import type { Svid, Workloads } from './workloads.ts';

/** One request that the demo sends both ways, and what has to come of it. */
export interface Case {
  readonly who: string;
  /** Whose certificate is shown in the TLS handshake; undefined: none is. */
  readonly peer: Exclude<keyof Workloads, 'ca'> | undefined;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: keyof Tokens;
  /** What is sent, in a few words. */
  readonly sends: string;
  /** Headers beside the token; `victim` is whom a thief would like to be. */
  readonly headers?: (victim: Svid) => Headers;
  readonly expect: Expectation;
  /** Why this is right, in a line. */
  readonly why: string;
}

export interface Expectation {
  readonly status: number;
  readonly reason: ReasonName;
  /** The proof that the token is the sender's own. */
  readonly boundBy?: BindingName;
}

export interface Chapter {
  readonly title: string;
  readonly cases: readonly Case[];
}

const readOrder = { method: 'GET', path: '/orders/1' } as const;
const oauthclient = { who: 'oauthclient', peer: 'oauthclient' } as const;
const thief = { who: 'other', peer: 'other' } as const;
const nobody = { who: 'no certificate', peer: undefined } as const;

const refused = (reason: ReasonName, status = 401): Expectation => ({ status, reason });
const allowed = (boundBy: BindingName): Expectation => ({ status: 200, reason: 'allowed', boundBy });

/** An XFCC element as Envoy itself would write it of the victim, and the victim's (public) certificate. */
const forgedCertificate = ({ id, sha256Hex, urlEncodedPem }: Svid): Headers => [
  ['x-forwarded-client-cert', `Hash=${sha256Hex};Cert="${urlEncodedPem}";Subject="";URI=${id}`],
  ['x-client-certificate', urlEncodedPem],
];

const forgedIdentity = (): Headers => [
  ['x-auth-request-user', 'admin'],
  ['x_auth_request_user', 'admin'],
  ['X-Auth_Request-Groups', 'admin'],
  ['x-spiffe-id', 'spiffe://cluster.local/ns/kube-system/sa/admin'],
  ['x-forwarded-client-cert', 'Hash=00;URI=spiffe://cluster.local/ns/kube-system/sa/admin'],
];

/** All of them, in the order in which they teach. */
export const chapters: readonly Chapter[] = [
  {
    title: 'A token belongs to one workload',
    cases: [
      {
        ...{ ...oauthclient, ...readOrder, token: 'bound', sends: 'its token, bound to its certificate' },
        expect: allowed('certificate'),
        why: 'its cnf (RFC 8705) is the thumbprint of the very certificate that the sender shows',
      },
      {
        ...{ ...thief, ...readOrder, token: 'bound', sends: 'the same token, stolen' },
        expect: refused('binding_certificate_mismatch'),
        why: 'a genuine token, but its sender shows another certificate and is another workload',
      },
      {
        ...{ ...thief, ...readOrder, token: 'bound', sends: 'the same, and a forged XFCC' },
        headers: forgedCertificate,
        expect: refused('binding_certificate_mismatch'),
        why: 'anyone can write the name and hash of a victim there; only what Envoy adds last counts',
      },
      {
        ...{ ...oauthclient, peer: 'rotated', ...readOrder, token: 'bound' },
        sends: 'its token, after a new certificate',
        expect: allowed('workload'),
        why: 'the thumbprint is gone, the name stayed: the client is registered for this SPIFFE ID',
      },
      {
        ...{ ...oauthclient, peer: 'rotated', method: 'GET', path: '/payments', token: 'bound' },
        sends: 'the same, where only cnf counts',
        expect: refused('binding_certificate_mismatch'),
        why: 'this rule has binding: [certificate] alone; after rotation it takes a new token',
      },
      {
        ...{ ...oauthclient, ...readOrder, token: 'plain', sends: 'a token without cnf' },
        expect: allowed('workload'),
        why: 'plain tokens are bound as well, to the workloads registered for their client',
      },
      {
        ...{ ...thief, ...readOrder, token: 'plain', sends: 'that token, stolen' },
        expect: refused('binding_workload_mismatch'),
        why: 'valid, not expired, with the right scope, and still not the token of this workload',
      },
    ],
  },
  {
    title: 'The token itself',
    cases: [
      {
        ...{ ...oauthclient, ...readOrder, sends: 'no token' },
        expect: refused('token_missing'),
        why: 'a certificate says who calls, not that the caller was granted anything',
      },
      {
        ...{ ...oauthclient, ...readOrder, token: 'expired', sends: 'a token of one second, expired' },
        expect: refused('token_expired'),
        why: 'exp is looked at for every request, also where the signature was verified before',
      },
      {
        ...{ ...oauthclient, ...readOrder, token: 'billing', sends: 'a token for billing' },
        expect: refused('token_audience_mismatch'),
        why: 'its aud is billing: what one service receives must be of no use at another',
      },
      {
        ...{ ...oauthclient, method: 'POST', path: '/orders', token: 'bound' },
        sends: 'a token with scope orders.read',
        // It is the sender's own token; what is granted is looked at last.
        expect: { ...refused('scope_missing', 403), boundBy: 'certificate' },
        why: 'the rule requires orders.write, and WWW-Authenticate tells the client',
      },
      {
        ...{ ...oauthclient, method: 'POST', path: '/orders', token: 'edited' },
        sends: 'the same, edited to orders.write',
        expect: refused('token_signature_invalid'),
        why: 'no claim is believed before the signature holds',
      },
      {
        ...{ ...oauthclient, ...readOrder, token: 'stranger', sends: 'a token of an unknown issuer' },
        expect: refused('token_issuer_unknown'),
        why: 'issuers are a list in the configuration; nobody else is asked for keys',
      },
    ],
  },
  {
    title: 'What a client says about itself',
    cases: [
      {
        ...{ ...oauthclient, ...readOrder, token: 'bound', sends: 'its token, and a forged identity' },
        headers: forgedIdentity,
        expect: allowed('certificate'),
        why: 'x-auth-request-user, x_auth_request_user, x-spiffe-id: as proven, or removed',
      },
      {
        ...{ ...nobody, ...readOrder, token: 'bound', sends: 'the bound token' },
        expect: refused('binding_peer_missing'),
        why: 'without a client certificate nobody proved to be the one the token belongs to',
      },
      {
        ...{ ...nobody, ...readOrder, token: 'bound', sends: 'the same, and a forged XFCC' },
        headers: forgedCertificate,
        expect: refused('binding_peer_missing'),
        why: 'no handshake, no proof: Envoy drops the header; x-client-certificate counts for nothing',
      },
      {
        ...{ ...nobody, method: 'GET', path: '/healthz', sends: 'a forged identity' },
        headers: forgedIdentity,
        expect: { status: 200, reason: 'public' },
        why: 'anybody may pass a public rule, but as nobody: all identity headers are removed',
      },
      {
        ...{ ...oauthclient, method: 'GET', path: '/admin', token: 'bound', sends: 'its token' },
        expect: refused('no_rule', 403),
        why: 'what no rule covers is denied',
      },
    ],
  },
];
