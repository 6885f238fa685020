import type { BindingName } from '../src/core/binding/bind.ts';
import type { ReasonName } from '../src/core/reasons.ts';
import type { Headers } from './asker.ts';
import type { Tokens } from './tokens.ts';
import type { Svid, Workloads } from './workloads.ts';

/** One request that the demo sends in both ways, and the expected result. */
export interface Case {
  readonly who: string;
  /** The owner of the client certificate. Undefined: the client has no certificate. */
  readonly peer: Exclude<keyof Workloads, 'ca'> | undefined;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: keyof Tokens;
  /** What is sent, in a few words. */
  readonly sends: string;
  /** Headers beside the token. `victim` is the workload that a thief imitates. */
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
const uncertified = { who: 'no certificate', peer: undefined } as const;

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

/** All cases, from simple to special. */
export const chapters: readonly Chapter[] = [
  {
    title: 'A token belongs to one workload',
    cases: [
      {
        ...{ ...oauthclient, ...readOrder, token: 'bound', sends: 'its token, bound to its certificate' },
        expect: allowed('certificate'),
        why: 'its cnf (RFC 8705) is the thumbprint of the certificate that the sender shows',
      },
      {
        ...{ ...thief, ...readOrder, token: 'bound', sends: 'the same token, stolen' },
        expect: refused('binding_certificate_mismatch'),
        why: 'the token is valid, but its sender shows another certificate and is another workload',
      },
      {
        ...{ ...thief, ...readOrder, token: 'bound', sends: 'the same, and a forged XFCC' },
        headers: forgedCertificate,
        expect: refused('binding_certificate_mismatch'),
        why: 'a client can write the name and hash of a victim; only the element that Envoy adds last is used',
      },
      {
        ...{ ...oauthclient, peer: 'rotated', ...readOrder, token: 'bound' },
        sends: 'its token, after a new certificate',
        expect: allowed('workload'),
        why: 'the thumbprint changed, but the SPIFFE ID is registered for this client',
      },
      {
        ...{ ...oauthclient, peer: 'rotated', method: 'GET', path: '/payments', token: 'bound' },
        sends: 'the same, where only cnf is valid',
        expect: refused('binding_certificate_mismatch'),
        why: 'this rule has only binding: [certificate]; after rotation it needs a new token',
      },
      {
        ...{ ...oauthclient, ...readOrder, token: 'plain', sends: 'a token without cnf' },
        expect: allowed('workload'),
        why: 'a plain token is bound to the workloads that are registered for its client',
      },
      {
        ...{ ...thief, ...readOrder, token: 'plain', sends: 'that token, stolen' },
        expect: refused('binding_workload_mismatch'),
        why: 'the token is valid and has the right scope, but it belongs to another workload',
      },
    ],
  },
  {
    title: 'The token itself',
    cases: [
      {
        ...{ ...oauthclient, ...readOrder, sends: 'no token' },
        expect: refused('token_missing'),
        why: 'a certificate says who the caller is, but grants nothing',
      },
      {
        ...{ ...oauthclient, ...readOrder, token: 'expired', sends: 'a token of one second, expired' },
        expect: refused('token_expired'),
        why: 'exp is checked on every request, also when the signature was verified before',
      },
      {
        ...{ ...oauthclient, ...readOrder, token: 'billing', sends: 'a token for billing' },
        expect: refused('token_audience_mismatch'),
        why: 'its aud is billing: a service must not be able to use its tokens at another one',
      },
      {
        ...{ ...oauthclient, method: 'POST', path: '/orders', token: 'bound' },
        sends: 'a token with scope orders.read',
        // It is the sender's own token. Scopes are checked last.
        expect: { ...refused('scope_missing', 403), boundBy: 'certificate' },
        why: 'the rule requires orders.write, and WWW-Authenticate tells the client',
      },
      {
        ...{ ...oauthclient, method: 'POST', path: '/orders', token: 'edited' },
        sends: 'the same, edited to orders.write',
        expect: refused('token_signature_invalid'),
        why: 'no claim is used before the signature is verified',
      },
      {
        ...{ ...oauthclient, ...readOrder, token: 'stranger', sends: 'a token of an unknown issuer' },
        expect: refused('token_issuer_unknown'),
        why: 'the configuration lists the issuers; Peerproof never fetches keys of others',
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
        why: 'x-auth-request-user, x_auth_request_user, x-spiffe-id: set to proven values, or removed',
      },
      {
        ...{ ...uncertified, ...readOrder, token: 'bound', sends: 'the bound token' },
        expect: refused('binding_peer_missing'),
        why: 'without a client certificate, the sender did not prove that the token is its own',
      },
      {
        ...{ ...uncertified, ...readOrder, token: 'bound', sends: 'the same, and a forged XFCC' },
        headers: forgedCertificate,
        expect: refused('binding_peer_missing'),
        why: 'Envoy drops the XFCC header, and x-client-certificate of a client is not used',
      },
      {
        ...{ ...uncertified, method: 'GET', path: '/healthz', sends: 'a forged identity' },
        headers: forgedIdentity,
        expect: { status: 200, reason: 'public' },
        why: 'every request passes a public rule, but all identity headers are removed',
      },
      {
        ...{ ...oauthclient, method: 'GET', path: '/admin', token: 'bound', sends: 'its token' },
        expect: refused('no_rule', 403),
        why: 'a request that matches no rule is denied',
      },
    ],
  },
];
