import type { TrialRequest } from '../../src/trial/trial.ts';
import { SHOP, TILL } from '../support/workload-fixture.ts';

const host = 'orders.example.com';
const get = (path: string, more: Partial<TrialRequest> = {}): TrialRequest => ({
  ...{ method: 'GET', host, path, peer: { spiffeId: SHOP } },
  ...more,
});
const token = (claims: object = {}, more: object = {}) => ({
  token: { issuer: 'login', claims: { client_id: 'shop', scope: 'orders.read', ...claims }, ...more },
});
const barn = { spiffeId: 'spiffe://cluster.local/ns/barn/sa/cow' };
const account = (name: string) => ({
  token: { issuer: 'cluster', claims: { sub: `system:serviceaccount:applications:${name}` } },
  peer: { spiffeId: `spiffe://cluster.local/ns/applications/sa/${name}` },
});

/** Requests that a change for another request must leave as they are. */
export const othersRequests: Readonly<Record<string, TrialRequest>> = {
  health: get('/healthz', { peer: undefined }),
  'the shop reads': get('/orders/1', token()),
  'the shop reads with a bound token': get('/orders/1', token({ client_id: 'x' }, { bound: true })),
  'the shop writes': get('/orders/1', { method: 'POST', ...token({ scope: 'orders.read orders.write' }) }),
  'the shop in the team': get('/team/2', token()),
  'tenant blue': get('/tenant/2', token({ tenant: 'blue' })),
  'the account of the shop': get('/account/2', account('shop')),
  ann: get('/people/2', token({ email: 'ann@example.com', email_verified: true })),
  'the shop for alice': get('/acting/2', token({ sub: 'alice', act: { sub: 'shop' } })),
  'the shop for carol': get('/acting/2', token({ sub: 'carol', act: { sub: 'shop' } })),
  'the till for bob': get('/acting/2', {
    ...token({ sub: 'bob', act: { sub: TILL } }),
    peer: { spiffeId: TILL },
  }),
  'nobody for alice': get('/acting/2', token({ sub: 'alice' })),
  'the third floor': get('/office/2', token({ floor: 'third' })),
  'a bearer': get('/bearer/2', { peer: undefined, ...token() }),
  'a bound token': get('/bound/2', token({}, { bound: true })),
  'no token': get('/orders/1'),
  'no scope': get('/orders/1', token({ scope: null })),
  'another audience': get('/orders/1', token({ aud: 'ships' })),
  'a token that has expired': get('/orders/1', token({ exp: 1 })),
  'a stolen token': get('/orders/1', { ...token(), peer: barn }),
  'an unknown client': get('/orders/1', token({ client_id: 'cow' })),
  'the shop writes without the scope': get('/orders/1', { method: 'POST', ...token() }),
  'the cow in the team': get('/team/2', { ...token(), peer: barn }),
  'tenant green': get('/tenant/2', token({ tenant: 'green' })),
  'the account of the cow': get('/account/2', account('cow')),
  'another host': get('/orders/1', { host: 'cows.example.com', ...token() }),
  'another path': get('/cows', token()),
  delete: get('/orders/1', { method: 'DELETE', ...token() }),
  'a thief at a bound rule': get('/bound/2', {
    ...token({ cnf: { 'x5t#S256': 'A'.repeat(43) } }),
    peer: { spiffeId: TILL },
  }),
  'the first floor': get('/office/2', token({ floor: 'first' })),
  'another issuer': get('/team/3', { token: { issuer: 'strict', claims: {} } }),
  'another trust domain': get('/team/2', {
    ...token(),
    peer: { spiffeId: 'spiffe://cow.example/ns/a/sa/b' },
  }),
};
