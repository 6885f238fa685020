import test from 'ava';
import { parse } from 'yaml';
import {
  account,
  alice,
  configWith,
  getA,
  health,
  judgeBy,
  lineOf,
  type Sender,
  shop,
  suggestFor,
  till,
} from './world.ts';

const unbound: Sender = { issuer: 'login', sub: 'erin', client: 'spa', scopes: ['read'] };

/** The rules of the amended configuration, by their names. */
function rulesIn(text: string): Record<string, unknown> {
  const { rules } = parse(text) as { rules: readonly { name: string }[] };
  return Object.fromEntries(rules.map(({ name, ...rule }) => [name, rule]));
}

test('suggest – names the request and the caller exactly, behind the rules that are there', async (t) => {
  const text = configWith(health);
  const { text: amended, drafts } = await suggestFor(text, [
    lineOf(account, getA, { time: '2026-01-03T00:00:00.000Z', decision_id: 'late' }),
    lineOf(account, getA, { time: '2026-01-02T00:00:00.000Z', decision_id: 'early' }),
  ]);
  t.deepEqual(rulesIn(amended), {
    health: { match: { paths: ['/healthz'] }, public: true },
    'suggested-a.example-1': {
      match: { hosts: ['a.example'], methods: ['GET'], paths: ['/a'] },
      require: {
        issuers: ['cluster'],
        peers: [till],
        serviceAccounts: ['web/till'],
        binding: ['workload'],
      },
    },
  });
  t.is(amended.split('\n').filter((line) => !text.split('\n').includes(line)).length, 10);
  const [observation] = drafts[0]?.observations ?? [];
  t.is(observation?.count, 2);
  t.is(observation?.example, 'early');
  t.is(observation?.last, '2026-01-03T00:00:00.000Z');
});

test('suggest – requires the scopes that all observations of a caller had', async (t) => {
  const lines = [lineOf(alice, getA), lineOf({ ...alice, scopes: ['read', 'write'] }, getA)];
  const { text } = await suggestFor(configWith(health), lines);
  const judge = judgeBy(text);
  t.is(await judge(alice, getA), 'allowed');
  t.is(await judge({ ...alice, scopes: ['write'] }, getA), 'scope_missing');
});

test('suggest – names the whole chain of actors, if a caller has one', async (t) => {
  const acting: Sender = { ...alice, peer: till, actors: [till, shop] };
  const { text } = await suggestFor(configWith(health), [lineOf(alice, getA), lineOf(acting, getA)]);
  const judge = judgeBy(text);
  t.is(await judge(alice, getA), 'allowed');
  t.is(await judge(acting, getA), 'allowed');
  for (const actors of [[till], [till, shop, shop], [till, till]])
    t.is(await judge({ ...acting, actors }, getA), 'condition_not_met', text);
  t.is(await judge({ ...acting, sub: 'bob' }, getA), 'claim_mismatch');
});

test('suggest – does not weaken the rule that refused, and puts its own rule before it', async (t) => {
  const write = '{name: write, match: {hosts: [a.example]}, require: {scopes: [write]}} # who writes';
  const { text, drafts } = await suggestFor(configWith(health, write), [
    lineOf(account, { ...getA, host: '0.example' }),
    lineOf(alice, getA, { would_deny: 'scope_missing', rule: 'write' }),
  ]);
  t.true(text.includes(write));
  t.deepEqual(Object.keys(rulesIn(text)), [
    'health',
    'suggested-a.example-1',
    'write',
    'suggested-0.example-1',
  ]);
  t.is(drafts[0]?.before?.name, 'write');
  const judge = judgeBy(text);
  t.is(await judge(alice, getA), 'allowed');
  t.is(await judge({ ...alice, sub: 'bob' }, getA), 'condition_not_met');
  t.is(await judge({ ...alice, sub: 'bob', scopes: ['write'] }, getA), 'allowed');
  t.is(await judge(alice, { ...getA, path: '/b' }), 'scope_missing');
});

test('suggest – the rule before one that is observed is observed as well', async (t) => {
  const write = '{name: write, mode: observe, require: {scopes: [write]}}';
  const { text } = await suggestFor(configWith(write), [
    lineOf(alice, getA, { would_deny: 'scope_missing', rule: 'write' }),
  ]);
  const judge = judgeBy(text);
  t.is(await judge(alice, getA), 'allowed');
  t.is(await judge({ ...alice, sub: 'bob' }, getA), 'observed');
});

test('suggest – an answer of Peerproof itself needs no rule', async (t) => {
  const { drafts, notProposed } = await suggestFor(configWith('{name: any, mode: observe}'), [
    lineOf(alice, getA, { effect: 'answer', reason: 'metadata_served' }),
  ]);
  t.deepEqual(drafts, []);
  t.deepEqual([...notProposed], []);
});

test('suggest – a rule that observes single requirements is left to a person', async (t) => {
  const write = '{name: write, require: {scopes: [write], observe: [scopes]}}';
  const { drafts, notProposed } = await suggestFor(configWith(write), [
    lineOf(alice, getA, { would_deny: 'scope_missing', rule: 'write' }),
  ]);
  t.deepEqual(drafts, []);
  t.deepEqual([...notProposed.values()], [1]);
});

for (const [what, rule, why] of [
  ['is public', '{name: any, public: true}', undefined],
  [
    'needs no token',
    '{name: any, require: {token: optional, issuers: [cluster]}}',
    'a rule that needs no token takes the request',
  ],
  [
    'stands before a token endpoint',
    '{name: any, require: {credential: client-assertion}}',
    'a rule for a token endpoint takes the request',
  ],
  [
    'takes a certificate for the client',
    '{name: any, require: {credential: client-certificate}}',
    'a rule for a token endpoint takes the request',
  ],
] as const)
  test(`suggest – puts nothing before a rule that ${what}`, async (t) => {
    const text = configWith(rule);
    const { text: amended, notProposed, allowed } = await suggestFor(text, [lineOf(alice, getA)]);
    t.is(amended, text);
    t.deepEqual([...notProposed.keys()], why === undefined ? [] : [why]);
    t.is(allowed, why === undefined ? 1 : 0);
  });

test('suggest – a service that observes everything gets the rules that it lacks', async (t) => {
  const text = `${configWith(health)}mode: observe\n`;
  const { text: amended, allowed } = await suggestFor(text, [lineOf(alice, getA)]);
  t.is(allowed, 0);
  t.is(await judgeBy(amended)(alice, getA), 'allowed');
  t.is(await judgeBy(amended.replace('mode: observe', ''))({ ...alice, sub: 'bob' }, getA), 'claim_mismatch');
});

test('suggest – a caller with another proof gets no rule without one', async (t) => {
  const { text, notProposed } = await suggestFor(configWith(health), [
    lineOf(alice, getA),
    lineOf({ ...alice, peer: till, boundBy: undefined as never }, { ...getA, path: '/b' }),
    lineOf(unbound, getA),
  ]);
  t.deepEqual(Object.keys(rulesIn(text)), ['health', 'suggested-a.example-1']);
  t.deepEqual(Object.fromEntries(notProposed), {
    'the token was not proven to be of its sender, and another line has that proof': 1,
    'the token was not proven to be of its sender, as other callers prove it there': 1,
  });
});

test('suggest – a mismatch in any line counts as a proof that the token is bound', async (t) => {
  const stolen = lineOf(unbound, getA, { would_deny: 'binding_certificate_mismatch', rule: 'x' });
  const { drafts } = await suggestFor(configWith(health), [stolen, lineOf(unbound, getA)]);
  t.deepEqual(drafts, []);
});

test('suggest – binding none is proposed if nothing else was ever seen, and marked', async (t) => {
  const { text, drafts } = await suggestFor(configWith(health), [lineOf(unbound, getA)]);
  t.true(drafts[0]?.isUnbound);
  t.is(await judgeBy(text)(unbound, getA), 'allowed');
});

const refused: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, string]>> = {
  'an expired token': [{ would_deny: 'token_expired' }, 'token_expired'],
  'another certificate': [{ would_deny: 'binding_certificate_mismatch' }, 'binding_certificate_mismatch'],
  'an outage': [{ would_deny: 'issuer_unavailable' }, 'issuer_unavailable'],
  'a denial without mode observe': [
    { effect: 'deny', reason: 'no_rule', would_deny: undefined, issuer: undefined },
    'the line names no token: only a service with mode: observe reads the token of such a request',
  ],
  'a token that could not be read': [{ issuer: undefined }, 'no valid token came with the request'],
  'an issuer of another configuration': [
    { issuer: 'https://other.example' },
    'the issuer is not in the configuration',
  ],
  'a condition': [
    { would_deny: 'condition_not_met' },
    'condition_not_met: the log does not show what the rule compares',
  ],
  'a reason that does not exist': [
    { would_deny: '\u001b[2Jevil' },
    'a reason that this version does not know',
  ],
  'a * in the path': [{ path: '/a/*' }, 'the path cannot be written as a pattern for itself'],
  'an escaped * in the path': [{ path: '/a/%2a%2A' }, 'the path cannot be written as a pattern for itself'],
  'a dot segment': [{ path: '/a/../b' }, 'the path cannot be written as a pattern for itself'],
  'a query that a rule cannot hold': [{ path: '/a#b' }, 'the path cannot be written as a pattern for itself'],
  'a * as the host': [{ host: '*' }, 'the line names no host that a rule can name'],
  'a port that does not exist': [{ host: 'a:99999' }, 'the line names no host that a rule can name'],
  'a wildcard as the peer': [{ spiffe_id: 'spiffe://cluster.local/**' }, 'the peer is not a SPIFFE ID'],
  'a wildcard as the ServiceAccount': [
    { service_account: '*/*' },
    'the ServiceAccount cannot be written as a pattern for itself',
  ],
  'control characters': [{ subject: 'a\n- name: x' }, 'a value holds a character that cannot be shown'],
  'direction marks': [{ client_id: 'a\u202eb' }, 'a value holds a character that cannot be shown'],
  'a value that was cut': [{ subject: `${'a'.repeat(512)}…` }, 'a value is too long, so the log cut it'],
  'a method in small letters': [{ method: 'get' }, 'the line names no method that a rule can name'],
  'no subject': [{ subject: undefined }, 'the token has no subject'],
};

for (const [what, [others, why]] of Object.entries(refused))
  test(`suggest – proposes nothing for ${what}, and says why`, async (t) => {
    const text = configWith(health);
    const { text: amended, notProposed } = await suggestFor(text, [lineOf(alice, getA, others)]);
    t.is(amended, text);
    t.deepEqual([...notProposed], [[why, 1]]);
  });

for (const sub of [
  '- {name: x, public: true}',
  '"}], public: true #',
  '*a',
  '&b',
  "' || true || '",
  '" || true || "',
  '\\',
  'é ü',
  '{{x}}',
  '!!js x',
  'true',
  '1',
])
  test(`suggest – a subject such as ${sub} stays a text`, async (t) => {
    const one = { ...alice, sub };
    const { text } = await suggestFor(configWith(health), [lineOf(one, getA), lineOf(account, getA)]);
    const judge = judgeBy(text);
    t.is(await judge(one, getA), 'allowed');
    t.is(await judge(alice, getA), 'condition_not_met');
    t.is(await judge(undefined, getA), 'peer_missing');
  });

test('suggest – lines of allowed requests count only if they are asked for', async (t) => {
  const line = lineOf(alice, getA, { would_deny: undefined, reason: 'allowed', rule: 'old' });
  const open = lineOf(alice, getA, { would_deny: undefined, reason: 'public', rule: 'old' });
  const text = configWith(health);
  t.is((await suggestFor(text, [line])).text, text);
  const { text: amended, notProposed } = await suggestFor(text, [line, open], { all: true });
  t.is(await judgeBy(amended)(alice, getA), 'allowed');
  t.deepEqual([...notProposed], [['the request needed no token', 1]]);
  t.is((await suggestFor(amended, [line], { all: true })).allowed, 1);
});

test('suggest – paths become general only if asked for, and an exact path goes first', async (t) => {
  const asked = ['/orders/17', '/orders/0190a2b4-7c1e-7000-8000-000000000001', '/orders/new'];
  const lines = [
    ...asked.slice(0, 2).map((path) => lineOf(alice, { ...getA, path })),
    lineOf(account, { ...getA, path: '/orders/new' }),
  ];
  const exact = judgeBy((await suggestFor(configWith(health), lines)).text);
  const { text, drafts } = await suggestFor(configWith(health), lines, { general: true });
  const general = judgeBy(text);
  const other = { ...getA, path: '/orders/18' };
  t.is(await exact(alice, other), 'no_rule');
  t.is(await general(alice, other), 'allowed');
  t.is(await general(account, other), 'peer_not_allowed');
  t.is(await general(account, { ...getA, path: '/orders/new' }), 'allowed');
  t.deepEqual(
    drafts.flatMap(({ general: paths }) => paths),
    ['/orders/*'],
  );
});

test('suggest – a rule in a mesh names the destination, and a line without one becomes no rule', async (t) => {
  const at = 'spiffe://cluster.local/ns/web/sa/orders';
  const text = `${configWith()}  []\nworkloads: {orders: {destinations: ["${at}"], rules: [{name: write, require: {scopes: [write]}}]}}\n`;
  const { text: amended, notProposed } = await suggestFor(
    text,
    [
      lineOf(alice, getA, { destination: at, would_deny: 'scope_missing', rule: 'orders/write' }),
      lineOf(alice, { ...getA, path: '/b' }),
    ],
    { destinations: true },
  );
  const [{ match, require }] = parse(amended).rules;
  t.deepEqual(match, { methods: ['GET'], paths: ['/a'], destinations: [at] });
  t.true(require.when.includes('request.host == "a.example"'), require.when);
  t.deepEqual(
    [...notProposed],
    [['the line names no destination, and a rule without one holds at every workload', 1]],
  );
});

test('suggest – a request with a port keeps its rule, if that rule takes every host', async (t) => {
  const text = configWith('{name: write, require: {scopes: [write]}}');
  const { text: amended } = await suggestFor(text, [
    lineOf(alice, getA, { would_deny: 'scope_missing', rule: 'write' }),
    lineOf(account, { ...getA, host: 'b.example:8443' }, { would_deny: 'scope_missing', rule: 'write' }),
  ]);
  const judge = judgeBy(amended);
  const writer = { ...alice, sub: 'bob', scopes: ['write'] };
  t.is(await judge(alice, getA), 'allowed');
  t.is(await judge(account, { ...getA, host: 'b.example:8443' }), 'allowed');
  for (const host of ['a.example', 'a.example:8443', 'b.example', 'b.example:8443', 'c.example.'])
    t.is(await judge(writer, { ...getA, host }), 'allowed', host);
  t.not(await judge(alice, { ...getA, host: 'a.example:8443' }), 'allowed');
  t.not(await judge(alice, { ...getA, host: 'b.example' }), 'allowed');
});

test('suggest – ports that chose the rule are not in the log, so nothing is proposed', async (t) => {
  const text = configWith('{name: admin, match: {ports: [9000]}, require: {scopes: [admin]}}', health);
  const { text: amended, notProposed } = await suggestFor(text, [
    lineOf(alice, getA, { would_deny: 'scope_missing', rule: 'admin' }),
  ]);
  t.is(amended, text);
  t.deepEqual([...notProposed.values()], [1]);
});

test('suggest – a rule that needs more than the log shows is taken out after it was tried', async (t) => {
  const rule = '{name: write, require: {scopes: [write], claims: {tenant: acme}}}';
  const { drafts, notProposed } = await suggestFor(configWith(rule), [
    lineOf(alice, getA, { would_deny: 'scope_missing', rule: 'write' }),
  ]);
  t.deepEqual(drafts, []);
  t.deepEqual([...notProposed], [['a rule for it would still refuse it: claim_mismatch', 1]]);
});

test('suggest – more callers than a condition can name are taken out, and the others stay', async (t) => {
  const many = Array.from({ length: 300 }, (_, at) =>
    lineOf({ ...alice, sub: `u${at}`, scopes: [`s${at}`] }, getA),
  );
  const { drafts, notProposed } = await suggestFor(configWith(health), [
    ...many,
    lineOf(alice, { ...getA, path: '/b' }),
  ]);
  t.is(drafts.length, 1);
  t.deepEqual([...notProposed.values()], [300]);
});

test('suggest – keeps as many observations as it may, and counts the lines of the others', async (t) => {
  const lines = ['/1', '/2', '/3', '/1', '/3'].map((path) => lineOf(alice, { ...getA, path }));
  const { drafts, leftOut } = await suggestFor(configWith(health), lines, { limit: 2 });
  t.is(drafts[0]?.observations.length, 2);
  t.is(leftOut, 2);
});

test('suggest – names are legal and not those of other rules', async (t) => {
  const text = configWith('{name: suggested-a.example-1, match: {paths: [/healthz]}, public: true}');
  const long = `${'long-label.'.repeat(9)}example`;
  const lines = [
    lineOf(alice, getA),
    lineOf(account, { ...getA, host: long }),
    lineOf(account, { ...getA, host: '[::1]:8443', path: '/v6' }),
  ];
  const { text: amended, drafts } = await suggestFor(text, lines);
  t.is(drafts.length, 3);
  t.true(Object.hasOwn(rulesIn(amended), 'suggested-a.example-2'));
  t.is(await judgeBy(amended)(account, { ...getA, host: '[::1]:8443', path: '/v6' }), 'allowed');
});

test('suggest – a proof by DPoP becomes a rule that asks for it, and for nothing that would do without', async (t) => {
  const keyed: Sender = { ...alice, boundBy: 'dpop' };
  const { text } = await suggestFor(configWith(health), [lineOf(keyed, getA)]);
  t.regex(text, /binding:\s*(\[dpop\]|- dpop)/);
  t.is(await judgeBy(text)(keyed, getA), 'allowed');
  t.not(await judgeBy(text)({ ...alice, boundBy: 'workload' }, getA), 'allowed');
});
