import test from 'ava';
import { DependencyError } from '../../../src/core/denial.ts';
import type { VerifiedPeer } from '../../../src/core/peer/verify-peer.ts';
import type { Revocation, RevocationKind } from '../../../src/core/revocation/revocation.ts';
import { type RevocationLimits, Revocations } from '../../../src/core/revocation/revocations.ts';
import type { ServiceAccount } from '../../../src/core/token/service-account.ts';
import type { VerifiedToken } from '../../../src/core/token/verified-token.ts';
import { NOW } from '../../support/check-world.ts';
import { NOW_SECONDS } from '../../support/token-fixture.ts';

const limits: RevocationLimits = { memory: 1_000_000, maxStaleness: 10_000, onOutage: 'refuse' };
const shop = 'spiffe://cluster.local/ns/applications/sa/shop';

/** What is known of some entries, read now. */
function known(entries: readonly Partial<Revocation>[], more: Partial<RevocationLimits> = {}): Revocations {
  const revocations = new Revocations(() => ({ ...limits, ...more }));
  revocations.syncedAt = NOW;
  for (const entry of entries) revocations.add(revoke(entry), NOW);
  return revocations;
}

function revoke(more: Partial<Revocation> = {}): Revocation {
  return { kind: 'subject', value: 'alice', until: NOW + 60_000, by: 'a test', ...more };
}

/** A token of alice, issued ten seconds ago. */
function tokenWith(claims: Record<string, unknown> = {}, more: Partial<VerifiedToken> = {}): VerifiedToken {
  const all = { sub: 'alice', iat: NOW_SECONDS - 10, ...claims };
  return { issuer: 'corp', subject: all.sub, claims: all, ...more } as VerifiedToken;
}

const sentBy = (uri: string) => ({ source: 'attribute', spiffeId: { uri } }) as VerifiedPeer;
const find = (revocations: Revocations, token = tokenWith(), peer?: VerifiedPeer, clientId?: string) =>
  revocations.find(token, peer, clientId, NOW)?.reason;

test('revocations – a client without a token is revoked by its name and its workload, and its certificate has the time', (t) => {
  const before = (kind: RevocationKind, value: string) => known([{ kind, value, issuedBefore: NOW }]);
  const from = (validFrom?: number) => ({ ...sentBy(shop), ...(validFrom && { validFrom }) });
  const reasonOf = (revocations: Revocations, peer: VerifiedPeer, client = 'web') =>
    revocations.findClient(client, peer, NOW)?.reason;
  for (const revocations of [before('client', 'web'), before('spiffeId', shop)]) {
    t.is(reasonOf(revocations, from(NOW - 1)), 'token_revoked');
    t.is(reasonOf(revocations, from()), 'token_revoked', 'the mesh forwards only the name');
    t.is(reasonOf(revocations, from(NOW)), undefined, 'a certificate that came later');
  }
  t.is(reasonOf(before('client', 'batch'), from(NOW - 1)), undefined);
  t.is(reasonOf(known([{ kind: 'client', value: 'web' }]), from(NOW)), 'token_revoked');
  t.is(reasonOf(known([{ kind: 'client', value: 'web', issuer: 'corp' }]), from(NOW)), undefined);
  const stale = known([]);
  stale.syncedAt = undefined;
  t.throws(() => stale.findClient('web', from(NOW), NOW), { instanceOf: DependencyError });
});

const account = { namespace: 'applications', name: 'shop' } as ServiceAccount;
const byKind: [RevocationKind, string, VerifiedToken, (VerifiedPeer | undefined)?, string?][] = [
  ['jti', 't-1', tokenWith({ jti: 't-1' })],
  ['jti', '17', tokenWith({ jti: 17 })],
  ['subject', 'alice', tokenWith()],
  ['subject', 'robot', tokenWith({ act: { sub: 'robot' } })],
  ['client', 'shop', tokenWith({ client_id: 'shop' })],
  ['client', 'shop', tokenWith({ azp: 'shop' })],
  ['client', 'shop', tokenWith({ azp: 'shop', client_id: 'till' })],
  ['client', 'shop', tokenWith(), undefined, 'shop'],
  ['session', 's-1', tokenWith({ sid: 's-1' })],
  ['spiffeId', shop, tokenWith({ sub: shop })],
  ['spiffeId', shop, tokenWith(), sentBy(shop)],
  ['spiffeId', shop, tokenWith({ act: { sub: shop } })],
  ['spiffeId', shop, tokenWith({}, { trustDomain: 'cluster.local', serviceAccount: account })],
];
for (const [kind, value, token, peer, clientId] of byKind)
  test(`revocations – ${kind} finds ${JSON.stringify({ ...token.claims, iat: undefined })}${peer ? ' of the peer' : ''}${clientId ? ' of the client' : ''}${token.serviceAccount ? ' of the ServiceAccount' : ''}`, (t) => {
    t.is(find(known([{ kind, value }]), token, peer, clientId), 'token_revoked');
    t.is(find(known([{ kind, value: `${value}x` }]), token, peer, clientId), undefined);
  });

test('revocations – a value counts for its own kind only', (t) => {
  const token = tokenWith({ jti: 'one', sid: 'two', client_id: 'three' });
  for (const [kind, value] of [
    ['jti', 'two'],
    ['session', 'one'],
    ['client', 'one'],
    ['subject', 'three'],
  ] as const)
    t.is(find(known([{ kind, value }]), token), undefined);
});

test('revocations – one that names an issuer leaves the tokens of others alone', (t) => {
  t.is(find(known([{ issuer: 'corp' }])), 'token_revoked');
  t.is(find(known([{ issuer: 'partner' }])), undefined);
  t.is(find(known([{ issuer: 'partner' }, {}])), 'token_revoked');
  t.is(find(known([{ issuer: 'partner' }, { issuer: 'corp' }])), 'token_revoked');
});

test('revocations – with a time, a token that was issued again passes', (t) => {
  const revocations = known([{ issuedBefore: NOW }]);
  t.is(find(revocations, tokenWith({ iat: NOW_SECONDS - 0.001 })), 'token_revoked');
  t.is(find(revocations, tokenWith({ iat: NOW_SECONDS })), undefined);
});

test('revocations – with a time, a token without iat counts as revoked', (t) => {
  const token = tokenWith({ iat: undefined });
  t.is(find(known([{ issuedBefore: 1 }]), token), 'token_revoked');
  t.is(find(known([{ kind: 'all', value: '', issuedBefore: 1 }]), token), 'token_revoked');
});

test('revocations – kind all holds for every token of its issuer', (t) => {
  const all = { kind: 'all', value: '', issuedBefore: NOW, issuer: 'corp' } as const;
  t.is(find(known([all])), 'token_revoked');
  t.is(find(known([all]), tokenWith({}, { issuer: 'partner' })), undefined);
});

test('revocations – one that has expired is not used, and is forgotten by a sweep', (t) => {
  const revocations = known([{}, { kind: 'jti', value: 't', until: NOW + 120_000 }]);
  revocations.syncedAt = NOW + 60_000;
  t.is(revocations.find(tokenWith(), undefined, undefined, NOW + 59_999)?.reason, 'token_revoked');
  t.is(revocations.find(tokenWith(), undefined, undefined, NOW + 60_000), undefined);
  t.is(revocations.count, 2);
  revocations.sweep(NOW + 60_000);
  t.is(revocations.count, 1);
  revocations.sweep(NOW + 120_000);
  t.deepEqual([revocations.count, revocations.bytes], [0, 0]);
});

test('revocations – one that has expired already is not added', (t) => {
  t.is(known([{ until: NOW }]).count, 0);
});

test('revocations – two with the same name revoke what either of them does', (t) => {
  const later = { issuedBefore: NOW, until: NOW + 1_000 };
  const longer = { issuedBefore: NOW - 20_000, until: NOW + 90_000 };
  for (const both of [
    [later, longer],
    [longer, later],
  ]) {
    const revocations = known(both);
    t.is(revocations.count, 1);
    t.is(find(revocations), 'token_revoked');
    revocations.syncedAt = NOW + 80_000;
    t.is(revocations.find(tokenWith(), undefined, undefined, NOW + 80_000)?.reason, 'token_revoked');
  }
  t.is(find(known([{}, { issuedBefore: 1 }])), 'token_revoked');
});

test('revocations – one is taken back by its name', (t) => {
  const revocations = known([{}, { issuer: 'corp' }]);
  t.true(revocations.remove({ kind: 'subject', value: 'alice' }));
  t.is(find(revocations), 'token_revoked');
  t.true(revocations.remove({ kind: 'subject', value: 'alice', issuer: 'corp' }));
  t.is(find(revocations), undefined);
  t.false(revocations.remove({ kind: 'subject', value: 'alice' }));
  t.deepEqual([revocations.count, revocations.bytes], [0, 0]);
});

test('revocations – replace forgets what is not in the list, and shortens what is', (t) => {
  const revocations = known([{}, { kind: 'jti', value: 't-1' }]);
  t.true(revocations.replace([revoke({ issuedBefore: 1 })], NOW));
  t.is(revocations.count, 1);
  t.is(find(revocations), undefined);
});

const outage = (revocations: Revocations, now: number) =>
  revocations.find(tokenWith(), undefined, undefined, now);

test('revocations – an outage that lasts too long refuses every token', (t) => {
  const revocations = known([]);
  t.is(outage(revocations, NOW + 10_000), undefined);
  const error = t.throws(() => outage(revocations, NOW + 10_001), { instanceOf: DependencyError });
  t.is(error?.reason, 'store_unavailable');
});

test('revocations – after a clock that was put back, an outage refuses too', (t) => {
  const revocations = known([]);
  // A check that had to wait began so long before the last look.
  t.is(outage(revocations, NOW - 30_000), undefined);
  t.throws(() => outage(revocations, NOW - 30_001), { message: /last read/ });
});

test('revocations – two lines of one name revoke what either does, while it holds', (t) => {
  const narrow = revoke({ issuedBefore: NOW - 20_000 });
  for (const list of [
    [revoke(), narrow],
    [narrow, revoke()],
  ]) {
    const revocations = known([]);
    revocations.replace(list, NOW);
    t.is(find(revocations), 'token_revoked');
  }
  for (const over of [revoke({ until: NOW })]) {
    const revocations = known([]);
    revocations.replace([over, narrow], NOW);
    t.is(find(revocations), undefined);
    revocations.replace([revoke(), over], NOW);
    t.is(find(revocations), 'token_revoked');
  }
});

test('revocations – what was never read refuses every token', (t) => {
  const revocations = new Revocations(() => limits);
  const error = t.throws(() => outage(revocations, NOW), { instanceOf: DependencyError });
  t.is(error?.reason, 'store_unavailable');
});

test('revocations – with useKnown, an outage keeps what is known in force', (t) => {
  const revocations = known([{ until: NOW + 3_600_000 }], { onOutage: 'useKnown' });
  t.is(outage(revocations, NOW + 1_800_000)?.reason, 'token_revoked');
  t.is(find(new Revocations(() => ({ ...limits, onOutage: 'useKnown' }))), undefined);
});

test('revocations – one that there is no memory for refuses every token, and drops none', (t) => {
  const revocations = known([{}], { memory: 600 });
  t.false(revocations.add(revoke({ kind: 'jti', value: 't-1' }), NOW));
  const error = t.throws(() => find(revocations), { instanceOf: DependencyError });
  t.regex(String(error?.message), /revocation\.memory/);
  t.true(revocations.replace([revoke()], NOW));
  t.is(find(revocations), 'token_revoked');
});

test('revocations – the detail says what was revoked, and by whom', (t) => {
  const [entry] = [{ issuedBefore: NOW }];
  t.is(
    known([entry]).find(tokenWith(), undefined, undefined, NOW)?.detail,
    'subject "alice" is revoked if issued before 2030-01-15T12:00:00.000Z, by "a test"',
  );
});
