import type { Claims } from '../support/jwt-signer.ts';
import { IDS, type Mesh, type Send } from '../support/mesh.ts';
import { usual } from './explain-case.ts';

/** Requests of others, which a change for one request must leave as they are. */
export type Others = Readonly<Record<string, (mesh: Mesh) => Send & { readonly listener?: string }>>;

const reads =
  (claims: Claims = {}, more: Send & { readonly listener?: string } = {}) =>
  (mesh: Mesh) => ({
    ...{ who: 'client' as const, path: '/orders/1', listener: usual },
    token: mesh.mint({ scope: 'orders.read', ...claims }),
    ...more,
  });
const at = (path: string, claims: Claims = {}, more: Send = {}) => reads(claims, { path, ...more });

const own = (who: 'client' | 'thief', mesh: Mesh) => ({ cnf: { 'x5t#S256': mesh.who[who].thumbprint } });
const bound =
  (path: string, holder: 'client' | 'thief', who: 'client' | 'thief' = holder) =>
  (mesh: Mesh) => ({ who, path, token: mesh.mint({ scope: 'orders.read', ...own(holder, mesh) }) });
const account = (name: string) => ({
  iss: 'https://cluster.example.com',
  sub: `system:serviceaccount:applications:${name}`,
  'kubernetes.io': { namespace: 'applications', serviceaccount: { name } },
});

export const others: Others = {
  'the client reads': reads(),
  'the client after a rotation': reads({}, { who: 'rotated' }),
  'the client with two scopes': reads({ scope: 'orders.read other' }),
  'the thief with a bound token of its own': bound('/orders/1', 'thief'),
  'a bearer': at('/bearer/2', {}, { who: undefined }),
  'a bound token': bound('/bound/2', 'client'),
  'a payment': at('/peers/2', {}, { who: 'payments' }),
  'tenant blue': at('/tenant/2', { tenant: 'blue' }),
  'the account of the orders': at('/account/2', account('orders'), { who: 'orders' }),
  ann: at('/people/2', { email: 'ann@example.com' }),
  'the third floor': at('/office/2', { floor: 'third' }),
  'corp itself': at('/corp/2'),
  'no token': () => ({ who: 'client', path: '/orders/1' }),
  'no scope': reads({ scope: undefined }),
  'another scope elsewhere': at('/orders/2', { scope: 'cows.read' }),
  'another audience': reads({ aud: 'ships' }),
  'an old token': reads({ exp: 1 }),
  'the client of others': reads({ client_id: 'cow' }),
  'a token of the client, by the thief': bound('/bound/2', 'client', 'thief'),
  'a token of the client, by the gateway': reads({}, { who: 'gateway' }),
  'tenant green': at('/tenant/2', { tenant: 'green' }),
  'the account of the gateway': at('/account/2', account('gateway'), { who: 'gateway' }),
  'the thief in the payments': at('/peers/2', {}, { who: 'thief' }),
  bob: at('/people/2', { email: 'bob@example.com' }),
  'the second floor': at('/office/2', { floor: 'second' }),
  'a post': reads({}, { method: 'POST', body: '' }),
  'a path without a rule': at('/cows'),
  'strict at the rule of corp': at('/corp/2', { iss: 'https://strict.example.com' }, {}),
  'a larger token': reads({ big: 'x'.repeat(4_000) }),
  'an unknown issuer': reads({ iss: 'https://cow.example.net' }),
  'a client that names itself in XFCC': reads(
    {},
    { listener: 'forwarding', who: undefined, headers: [['x-forwarded-client-cert', 'URI=cow']] },
  ),
};

/** Through the sidecar that nobody named, only requests that must not pass: it keeps out everybody. */
export const doorOthers: Others = {
  'a public path': () => ({ path: '/public' }),
  'a bearer': at('/bearer/2', {}, { who: undefined }),
  'the client': at('/orders/1'),
  'a bound token': bound('/orders/1', 'client'),
  'the thief': at('/orders/1', {}, { who: 'thief' }),
  'the thief over HTTP': reads({}, { listener: 'through', who: 'thief' }),
  'no token': () => ({ who: 'client', path: '/orders/1' }),
  'no token over HTTP': () => ({ who: 'client', path: '/orders/1', listener: 'through' }),
  'a foreign workload': at('/bearer/2', {}, { who: 'foreign' }),
  'the wrong prefix': reads({}, { listener: 'elsewhere' }),
  'an odd XFCC over HTTP': reads(
    { client_id: 'cow' },
    { listener: 'through', headers: [['x-forwarded-client-cert', `URI=${IDS.client}`]] },
  ),
};
