import { randomUUID } from 'node:crypto';
import type { Claims, JwtSigner } from '../../test/support/jwt-signer.ts';
import { OPAQUE, type Parts, PUBLIC } from './world.ts';

/** The callers: those that may pass, and those that must never pass. */
export const honestKinds = ['known', 'fresh', 'cluster', 'opaque'] as const;
export const hostileKinds = [
  'stolen',
  'stolenCluster',
  'expired',
  'forged',
  'unknownKid',
  'stranger',
  'inactive',
  'revoked',
  'missing',
  'foreign',
] as const;
/** Legitimate callers that only some scenarios use. */
export const furtherKinds = ['public', 'freshOpaque'] as const;
export type Kind =
  | (typeof honestKinds)[number]
  | (typeof hostileKinds)[number]
  | (typeof furtherKinds)[number];
export const kinds: readonly Kind[] = [...honestKinds, ...hostileKinds];

/** One request that a caller makes. */
export interface Call {
  readonly who: 'client' | 'thief' | 'foreign';
  readonly token?: string;
  /** `/orders` by default. */
  readonly path?: string;
}

export interface Caller {
  /** The identity that the application must see. Empty: none. Undefined: the request must not pass. */
  readonly subject?: string;
  /** The answer without a fault. */
  readonly usual: number;
  call(): Call;
}

const DAY_S = 86_400;
const account = { namespace: 'applications', name: 'client', audiences: ['orders'] };

/** Mints a token of the usual issuer. */
export type Mint = (claims?: Claims, header?: Claims, by?: JwtSigner) => string;

export function mintFor({ issuer, signer }: Pick<Parts, 'issuer' | 'signer'>): Mint {
  return (claims = {}, header = {}, by = signer) => {
    const now = Math.floor(Date.now() / 1000);
    const standard = { iss: issuer.issuer, aud: 'orders', sub: 'alice', iat: now, exp: now + 600 };
    return by.sign({ ...standard, client_id: 'orders-client', jti: randomUUID(), ...claims }, header);
  };
}

/** All callers, with tokens that are valid for ten minutes. */
export function createCallers(parts: Parts): Readonly<Record<Kind, Caller>> {
  const { apiServer, who, signer } = parts;
  const mint = mintFor(parts);
  const bound = mint({ cnf: { 'x5t#S256': who.client.thumbprint } });
  const clusterToken = apiServer.issue(account);
  const revoked = apiServer.issue(account);
  apiServer.revoke(revoked);
  const client = (token: string): Call => ({ who: 'client', token });
  const refused = (call: () => Call, usual = 401): Caller => ({ usual, call });
  const forge = () => {
    const [header, , signature] = mint().split('.');
    const [, payload] = mint({ sub: 'admin' }).split('.');
    return [header, payload, signature].join('.');
  };
  const letIn = (subject: string, call: () => Call): Caller => ({ subject, usual: 200, call });
  return {
    known: letIn('alice', () => client(bound)),
    fresh: letIn('alice', () => client(mint())),
    cluster: letIn('system:serviceaccount:applications:client', () => client(clusterToken)),
    opaque: letIn('alice', () => client(`${OPAQUE}known`)),
    freshOpaque: letIn('alice', () => client(`${OPAQUE}${randomUUID()}`)),
    public: letIn('', () => ({ who: 'client', path: PUBLIC })),
    stolen: refused(() => ({ who: 'thief', token: bound })),
    stolenCluster: refused(() => ({ who: 'thief', token: clusterToken })),
    // Expired a day ago, so that a clock that steps back does not make it valid.
    expired: refused(() => client(mint({ exp: Math.floor(Date.now() / 1000) - DAY_S }))),
    forged: refused(() => client(forge())),
    unknownKid: refused(() => client(mint({}, { kid: randomUUID() }))),
    stranger: refused(() => client(mint({ iss: 'https://stranger.example' }, {}, signer))),
    inactive: refused(() => client(`unknown-${randomUUID()}`)),
    revoked: refused(() => client(revoked)),
    missing: refused(() => ({ who: 'client' })),
    foreign: refused(() => ({ who: 'foreign', token: bound }), 403),
  };
}
