import test from 'ava';
import fc from 'fast-check';
import {
  type Asked,
  account,
  alice,
  configWith,
  health,
  judgeBy,
  lineOf,
  type Sender,
  shop,
  suggestFor,
  till,
} from './world.ts';

// With and without a port: the configuration does not say whether the proxy ignores it.
const hosts = ['a.example', 'b.example', 'a.example:8443'];
const paths = ['/', '/a', '/a/b', '/orders/7'];
const methods = ['GET', 'POST', 'M-SEARCH'];
const requests: readonly Asked[] = hosts.flatMap((host) =>
  paths.flatMap((path) => methods.map((method) => ({ host, path, method }))),
);

const bob = { ...alice, sub: 'bob' };
/** They differ in one part, in several, and in scopes of which none holds the other. */
const senders: readonly Sender[] = [
  alice,
  bob,
  account,
  { ...alice, peer: till, boundBy: 'certificate' },
  { ...bob, peer: till, boundBy: 'certificate' },
  { issuer: 'login', sub: 'alice', client: 'shop', scopes: ['read'], boundBy: 'certificate' },
  { issuer: 'login', sub: 'alice', peer: shop, scopes: ['read'], boundBy: 'certificate' },
  { ...alice, scopes: ['audit', 'write'] },
  { ...alice, client: 'other', boundBy: 'certificate' },
  { ...account, sub: 'system:serviceaccount:web:shop', peer: shop },
  { issuer: 'login', sub: 'web/till "x" \\ \' && true', peer: till, boundBy: 'certificate' },
];

const posts = '{name: posts, match: {methods: [POST]}, require: {scopes: [write]}}';
const ofHost = '{name: b, match: {hosts: [b.example]}, require: {scopes: [audit]}}';
const ambiguous = '{name: a, match: {hosts: [a.example], methods: [POST]}, require: {scopes: [write]}}';
const accounts =
  '{name: web, match: {paths: [/a/**]}, require: {serviceAccounts: [web/till], peers: ["spiffe://cluster.local/ns/web/sa/*"]}}';
const issuers = '{name: login, match: {paths: [/orders/*]}, require: {issuers: [login], scopes: [audit]}}';
const peers = `{name: peers, match: {hosts: [b.example]}, require: {peers: ["${till}"], when: "request.method != 'POST'"}}`;
const open = '{name: open, match: {paths: [/a]}, public: true}';

interface Case {
  readonly rules: readonly string[];
  readonly callers: readonly Sender[];
  readonly seen: readonly number[];
}

/** Some rules, four callers, and which of the requests which of them sent. */
function casesWith(rules: readonly string[]): fc.Arbitrary<Case> {
  const most = requests.length * 4;
  return fc.record({
    rules: fc.shuffledSubarray([...rules]),
    callers: fc.shuffledSubarray([...senders], { minLength: 4, maxLength: 4 }),
    seen: fc.uniqueArray(fc.nat(most - 1), { maxLength: 40 }),
  });
}

async function allowedBy(text: string, callers: readonly Sender[]): Promise<readonly number[]> {
  const judge = judgeBy(text);
  const allowed: number[] = [];
  for (const [at, request] of requests.entries())
    for (const [who, caller] of callers.entries())
      if (['allowed', 'public'].includes(await judge(caller, request))) allowed.push(at * 4 + who);
  return allowed;
}

function linesFor({ callers, seen }: Case): readonly string[] {
  return seen.map((one) => lineOf(callers[one % 4] as Sender, requests[Math.floor(one / 4)] as Asked));
}

const union = (...lists: readonly (readonly number[])[]) => [...new Set(lists.flat())].sort((a, b) => a - b);

test('suggest – allows exactly what was seen, and what was allowed before', async (t) => {
  await fc.assert(
    fc.asyncProperty(casesWith([posts, ofHost, issuers, open]), async (one) => {
      const text = configWith(...one.rules, health);
      const before = await allowedBy(text, one.callers);
      const { text: amended, notProposed } = await suggestFor(text, linesFor(one));
      t.deepEqual([...notProposed], []);
      t.deepEqual(await allowedBy(amended, one.callers), union(before, one.seen));
    }),
    { numRuns: 25 },
  );
});

test('suggest – grants nothing unseen beside any rule, and says what it does not propose', async (t) => {
  await fc.assert(
    fc.asyncProperty(casesWith([ambiguous, posts, accounts, issuers, peers, open]), async (one) => {
      const text = configWith(...one.rules, health);
      const before = await allowedBy(text, one.callers);
      const { text: amended, notProposed } = await suggestFor(text, linesFor(one));
      const after = await allowedBy(amended, one.callers);
      t.deepEqual(union(before, after), after);
      t.deepEqual(union(before, one.seen, after), union(before, one.seen));
      const missing = one.seen.filter((seen) => !after.includes(seen)).length;
      t.is(
        [...notProposed.values()].reduce((sum, count) => sum + count, 0),
        missing,
      );
    }),
    { numRuns: 25 },
  );
});

test('suggest – the order of the lines does not matter, and equal lines are only counted', async (t) => {
  const text = configWith(posts, ofHost, health);
  await fc.assert(
    fc.asyncProperty(casesWith([]), fc.func(fc.nat()), async (one, order) => {
      const lines = linesFor(one);
      const shuffled = [...lines, ...lines].sort((a, b) => order(a) - order(b));
      const [first, second] = [await suggestFor(text, lines), await suggestFor(text, shuffled)];
      t.is(second.text, first.text);
      t.is(second.allowed, 2 * first.allowed);
      t.deepEqual(
        second.drafts.map(({ observations }) => observations.map(({ count }) => count)),
        first.drafts.map(({ observations }) => observations.map(({ count }) => 2 * count)),
      );
    }),
    { numRuns: 10 },
  );
});
