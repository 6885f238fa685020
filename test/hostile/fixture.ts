import { calculateJwkThumbprint } from 'jose';
import { type Ca, createCa, type Issued, type IssueOptions } from '../support/ca.ts';
import { createDpopClient, type DpopClient } from '../support/dpop-client.ts';
import { OWN_ISSUER } from '../support/internal-token.ts';
import { type Claims, createSigner, type JwtSigner } from '../support/jwt-signer.ts';
import { createOddKeys, type OddKeys } from './keys.ts';
import { rsaKeyPair } from './rsa-keys.ts';
import { type OddSender, oddSenders } from './senders.ts';

/** Issuers, and the names in the mesh. */
export const ISSUER = 'https://login.example.com';
export const PARTNER = 'https://partner.example.net';
export const CLUSTER = 'https://kubernetes.default.svc.cluster.local';
export const SPIRE = 'https://oidc.spire.example.com';
export const TRUST_DOMAIN = 'cluster.local';
/** The only one with a document. */
export const PROTECTED_RESOURCE = 'https://mcp.example.com/tools';
export const SHOP = `spiffe://${TRUST_DOMAIN}/ns/applications/sa/shop`;
export const TILL = `spiffe://${TRUST_DOMAIN}/ns/applications/sa/till`;
export const GATEWAY = `spiffe://${TRUST_DOMAIN}/ns/istio-system/sa/gateway`;
export const ORDERS = `spiffe://${TRUST_DOMAIN}/ns/applications/sa/orders`;

/** A certificate, and the names in it that a proxy hands over. */
export interface Sender extends Issued {
  readonly uris: readonly string[];
  readonly dns: readonly string[];
  readonly subject: string;
}

/** The workloads of the mesh. `rotated` is the shop after its certificate was renewed. */
export type Workload = 'shop' | 'rotated' | 'till' | 'gateway' | 'orders' | 'foreign' | 'nameless';

const ids: Readonly<Record<Workload, IssueOptions>> = {
  shop: { uris: [SHOP] },
  rotated: { uris: [SHOP] },
  till: { uris: [TILL] },
  gateway: { uris: [GATEWAY] },
  orders: { uris: [ORDERS] },
  foreign: { uris: ['spiffe://evil.example/ns/applications/sa/shop'] },
  nameless: { dns: ['shop.example.com'] },
};

/** All that cases are made of, valid at `now`. Everything in it but RSA keys is new for each run. */
export interface Fixture {
  /** When every check happens, in milliseconds since the epoch: a whole second, so that edges are exact. */
  readonly now: number;
  /** The same in seconds, as NumericDate. */
  readonly seconds: number;
  /** A URL that must never be requested: it has the keys of an unknown issuer, and tokens point to it. */
  readonly lure: string;
  /** The `iss` of issuers whose keys are fetched, by their names; the stand-ins fill it in when they know their ports. */
  readonly issuers: Record<string, string>;
  readonly ca: Ca;
  /** An authority with the name of ours and another key. */
  readonly foreignCa: Ca;
  readonly senders: Readonly<Record<Workload | OddSender, Sender>>;
  /** A shop whose certificate an intermediate signed, and the PEMs of that one, and of five below one another. */
  readonly below: { readonly shop: Sender; readonly chain: string; readonly five: string };
  readonly keys: Readonly<Record<KeyName, JwtSigner>> & OddKeys;
  /** A client that makes DPoP proofs, and one that has stolen its token. */
  readonly dpop: DpopClient;
  readonly dpopThief: DpopClient;
  /** A token of the shop that is good for five minutes, bound by its client. */
  readonly token: string;
  /** The claims of a good token of `corp`; `undefined` leaves one out. */
  claims(more?: Claims): Claims;
  /** These claims, signed by `corp` with its EC key, or by the named signer. */
  sign(more?: Claims, header?: Claims, by?: KeyName): string;
  /** The same with `cnf` of the shop's certificate. */
  bound(more?: Claims): string;
  /** Signed by `corp`'s EC key, byte by byte as given. */
  signText(payload: string | Buffer, header?: string | Buffer): string;
  /** A ServiceAccount token of the cluster, and a JWT-SVID of SPIRE. */
  account(more?: Claims, header?: Claims): string;
  svid(more?: Claims, header?: Claims, by?: KeyName): string;
  /** A Transaction Token of ours. */
  transaction(more?: Claims, header?: Claims, by?: KeyName): string;
}

/** Keys that issuers sign with; `stranger` belongs to no issuer. */
export type KeyName = keyof typeof algorithms;

const algorithms = {
  rsa: 'RS256',
  pss: 'PS256',
  plain: 'RS256',
  ec: 'ES256',
  ec384: 'ES384',
  ed: 'EdDSA',
  twin: 'ES256',
  twin2: 'ES256',
  partner: 'ES256',
  narrow: 'RS256',
  spire: 'ES256',
  cluster: 'RS256',
  lax: 'ES256',
  nameless: 'ES256',
  own: 'ES256',
  stranger: 'ES256',
  strangerRsa: 'RS256',
  wits: 'ES256',
  shopHolder: 'ES256',
  tillHolder: 'ES256',
} as const;

/** Two keys of one issuer share a name, and a partner uses the name of a key of ours. */
const kids: Partial<Record<KeyName, string | null>> = {
  twin2: 'twin',
  partner: 'ec',
  nameless: null,
};

/** Makes it; nothing is written to disk. */
export async function createFixture(
  lure = 'http://127.0.0.1:9/keys',
  now = Math.floor(Date.now() / 1000) * 1000,
): Promise<Fixture> {
  const seconds = now / 1000;
  const hour = 3_600_000;
  const lifetime = { notBefore: new Date(now - 24 * hour), notAfter: new Date(now + 24 * hour) };
  const ca = await createCa(lifetime);
  const foreignCa = await createCa(lifetime);
  const validity = { notBefore: new Date(now - hour), notAfter: new Date(now + hour) };
  const issue = async (options: IssueOptions & { readonly foreign?: true }): Promise<Sender> => {
    const { foreign, ...rest } = options;
    const issued = await (foreign ? foreignCa : ca).issue({ ...validity, ...rest });
    return {
      ...issued,
      uris: rest.uris ?? rest.rawUris?.map((bytes) => Buffer.from(bytes).toString('latin1')) ?? [],
      dns: rest.dns ?? [],
      subject: rest.subject ?? '',
    };
  };
  const senders = {} as Record<Workload | OddSender, Sender>;
  for (const [name, options] of Object.entries({ ...ids, ...oddSenders(now) }))
    senders[name as Workload | OddSender] = await issue(options);
  const issuing = await ca.intermediate({ ...lifetime, name: 'CN=issuing' });
  let deepest = issuing;
  for (const name of ['second', 'third', 'fourth', 'fifth'])
    deepest = await deepest.intermediate({ ...lifetime, name: `CN=${name}` });
  const below = {
    shop: { ...(await issuing.issue({ ...validity, uris: [SHOP] })), uris: [SHOP], dns: [], subject: '' },
    chain: issuing.chainPem,
    five: deepest.chainPem,
  };
  const signers = {} as Record<KeyName, JwtSigner>;
  for (const [name, alg] of Object.entries(algorithms))
    signers[name as KeyName] = createSigner(alg, {
      kid: kids[name as KeyName] ?? (name in kids ? null : name),
      ...(/^[RP]S/.test(alg) && { keys: rsaKeyPair() }),
    });

  const claims = (more: Claims = {}): Claims => ({
    iss: ISSUER,
    aud: 'orders',
    sub: 'alice',
    client_id: 'shop',
    email_verified: true,
    iat: seconds - 10,
    exp: seconds + 300,
    ...more,
  });
  const sign = (more: Claims = {}, header: Claims = {}, by: KeyName = 'ec') =>
    signers[by].sign(claims(more), header);
  const ownKid = await calculateJwkThumbprint(signers.own.publicJwk);
  const plainHeader = JSON.stringify({ alg: 'ES256', kid: 'ec', typ: 'JWT' });
  return {
    now,
    seconds,
    lure,
    issuers: {},
    ca,
    foreignCa,
    senders,
    below,
    keys: { ...signers, ...createOddKeys() },
    dpop: await createDpopClient('ES256', seconds),
    dpopThief: await createDpopClient('ES256', seconds),
    token: sign(),
    claims,
    sign,
    bound: (more = {}) => sign({ cnf: { 'x5t#S256': senders.shop.thumbprint }, ...more }),
    signText: (payload, header = plainHeader) => {
      const input = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
      return `${input}.${signers.ec.signature(input).toString('base64url')}`;
    },
    account: (more = {}, header = {}) =>
      sign(
        {
          iss: CLUSTER,
          sub: 'system:serviceaccount:applications:shop',
          client_id: undefined,
          'kubernetes.io': {
            namespace: 'applications',
            serviceaccount: { name: 'shop', uid: 'uid-1' },
            pod: { name: 'shop-0', uid: 'uid-2' },
          },
          ...more,
        },
        { typ: undefined, ...header },
        'cluster',
      ),
    svid: (more = {}, header = {}, by = 'spire') =>
      sign({ iss: SPIRE, sub: SHOP, client_id: undefined, ...more }, header, by),
    transaction: (more = {}, header = {}, by = 'own') =>
      signers[by].sign(
        {
          ...{ iss: OWN_ISSUER, aud: TRUST_DOMAIN, sub: 'alice', txn: 'txn-1', req_wl: GATEWAY },
          ...{ scope: 'orders.read', iat: seconds - 10, exp: seconds + 50, ...more },
        },
        { typ: 'txntoken+jwt', kid: ownKid, ...header },
      ),
  };
}
