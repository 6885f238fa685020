import test from 'ava';
import type { Findings } from '../../../src/core/findings.ts';
import { identityHeaders } from '../../../src/core/identity/identity.ts';
import { identityOf, type KnownIdentity } from '../../../src/core/identity/known-identity.ts';
import { parseSpiffeId, type SpiffeId } from '../../../src/core/peer/spiffe-id.ts';
import { Cache } from '../../../src/lib/cache.ts';
import { standardIdentity } from '../../support/answers.ts';
import { httpRule } from '../policy/rules.ts';

const publicRule = { ...httpRule('status'), public: true };
const policy = () => ({
  identity: standardIdentity,
  identityCache: new Cache<KnownIdentity>(1_000_000, () => 1_000),
});

const spiffe = (uri: string) => parseSpiffeId(uri) as SpiffeId;
const orders = spiffe('spiffe://a.test/ns/x/sa/orders');
const other = spiffe('spiffe://a.test/ns/x/sa/other');
const rule = { ...publicRule, name: 'orders', public: false };
const token = {
  subject: 'alice',
  iss: 'https://a.test',
  scopes: ['read'],
  claims: {},
  digest: 'd-1',
} as never;
const peer = { source: 'attribute', spiffeId: orders, thumbprint: 't-1', forwarded: 'By=a' } as const;
const found: Findings = { rule, path: '/a', token, peer, boundBy: 'certificate' };

test('known identity – the same token, rule and peer get the same object', (t) => {
  const running = policy();
  const first = identityOf(found, {}, running);
  t.like(first, identityHeaders(found, {}, running.identity));
  // The peer is made anew at each check, and the path differs.
  const again = { ...found, path: '/b', peer: { ...peer, spiffeId: { ...orders } } };
  t.is(identityOf(again, { accept: 'x' }, running), first);
});

test('known identity – the path of the request is not kept', (t) => {
  const running = policy();
  identityOf(found, {}, running);
  const { madeFrom = [] } = running.identityCache.get('d-1') ?? {};
  t.true(madeFrom.includes(rule));
  t.false(madeFrom.includes('/a'));
});

test('known identity – its token is not kept, because another cache counts it', (t) => {
  const running = policy();
  identityOf(found, {}, running);
  const { madeFrom = [] } = running.identityCache.get('d-1') ?? {};
  t.false(madeFrom.includes(token));
});

test('known identity – what is told about the token counts', (t) => {
  const told = (more: object) => {
    const running = policy();
    identityOf({ ...found, token: { ...(token as object), ...more } as never }, {}, running);
    return running.identityCache.get('d-1')?.told ?? 0;
  };
  const scopes = Array.from({ length: 500 }, (_, n) => `scope-${n}`);
  t.true(told({ scopes }) - told({}) >= 2 * scopes.join('').length);
  // Each byte beyond ASCII takes three characters in an answer.
  const person = { user: 'a', email: undefined, preferredUsername: undefined, groups: ['ä'.repeat(1_000)] };
  const withGroups = policy();
  identityOf({ ...found, person }, {}, withGroups);
  t.true((withGroups.identityCache.get('d-1')?.told ?? 0) - told({}) >= 6_000);
});

const otherFacts: [string, Findings][] = [
  ['another rule', { ...found, rule: { ...rule } }],
  ['a workload that vouches for it', { ...found, sender: { ...(token as object) } as never }],
  ['another token under the same digest', { ...found, token: { ...(token as object) } as never }],
  ['another binding', { ...found, boundBy: 'workload' }],
  ['no peer', { ...found, peer: undefined }],
  ['another source of the peer', { ...found, peer: { ...peer, source: 'xfcc' } }],
  ['another SPIFFE ID', { ...found, peer: { ...peer, spiffeId: other } }],
  ['another certificate', { ...found, peer: { ...peer, thumbprint: 't-2' } }],
  ['a gateway', { ...found, peer: { ...peer, via: other } }],
  ['another x-forwarded-client-cert', { ...found, peer: { ...peer, forwarded: 'By=b' } }],
];
for (const [title, facts] of otherFacts)
  test(`known identity – ${title}: made anew`, (t) => {
    const running = policy();
    const first = identityOf(found, {}, running);
    const second = identityOf(facts, {}, running);
    t.not(second, first);
    t.like(second, identityHeaders(facts, {}, running.identity));
  });

test('known identity – a spelling of a managed header in the request is removed, and nothing is kept', (t) => {
  const running = policy();
  const first = identityOf(found, {}, running);
  const second = identityOf(found, { 'x.spiffe.id': 'forged' }, running);
  t.true(second.remove.names.includes('x.spiffe.id'));
  t.falsy(second.isKept);
  t.is(identityOf(found, {}, running), first);
});

test('known identity – a token that is not cached is not kept either', (t) => {
  const running = policy();
  const fresh = { ...found, token: { ...(token as object), digest: undefined } as never };
  t.falsy(identityOf(fresh, {}, running).isKept);
  t.is(running.identityCache.size, 0);
});

test('known identity – a public rule keeps one, and another rule of its name does not get it', (t) => {
  const running = policy();
  const first = identityOf({ rule: publicRule, path: '/a' }, {}, running);
  t.is(identityOf({ rule: publicRule, path: '/b' }, {}, running), first);
  t.not(identityOf({ rule: { ...publicRule }, path: '/b' }, {}, running), first);
});
