import test from 'ava';
import { runText, small } from './world.ts';

const get = 'request: GET https://orders.example/1';

for (const [what, text, problem] of [
  [
    'an unknown key',
    `tests: [{name: a, ${get}, expect: allow, form: shop}]`,
    /t\.yaml:2: tests\[0\]\.form: is not a setting/,
  ],
  [
    'an unknown key of a request',
    'tests: [{name: a, request: {hst: a}, expect: allow}]',
    /request\.hst: is not a setting; settings here: protocol, method, host/,
  ],
  [
    'a request without a host',
    'tests: [{name: a, request: {path: /a}, expect: allow}]',
    /tests\[0\]\.request\.host: is missing/,
  ],
  [
    'a request without a method',
    'tests: [{name: a, request: orders, expect: allow}]',
    /such as GET https:\/\/orders/,
  ],
  [
    'a port that is none',
    'tests: [{name: a, request: [{protocol: tcp, port: 0}], expect: allow}]',
    /request\[0\]\.port: must be a port/,
  ],
  [
    'a decision that does not exist',
    `tests: [{name: a, ${get}, expect: alow}]`,
    /expect: must be one of allow, deny/,
  ],
  [
    'a reason that does not exist',
    `tests: [{name: a, ${get}, expect: {effect: deny, reason: scope}}]`,
    /expect\.reason: must be one of/,
  ],
  [
    'a rule that does not exist',
    `tests: [{name: a, ${get}, expect: {effect: deny, rule: order}}]`,
    /expect\.rule: is not a rule of the configuration; its rules: orders/,
  ],
  [
    'an unknown caller',
    `tests: [{name: a, ${get}, expect: allow, from: shop}]`,
    /from: is not in callers: "[^"]+"; callers here: none/,
  ],
  [
    'an unknown caller in a list',
    `callers: {shop: {}}\ntests: [{name: a, ${get}, expect: allow, from: [shop, ship]}]`,
    /from\[1\]: is not in callers: "[^"]+"; callers here: shop/,
  ],
  [
    'an unknown caller to be like',
    `tests: [{name: a, ${get}, expect: allow, from: {like: shop}}]`,
    /from\.like: is not in callers/,
  ],
  [
    'an unknown issuer',
    `callers: {shop: {token: {issuer: corp}}}\ntests: [{name: a, ${get}, expect: allow}]`,
    /t\.yaml:2: callers\.shop\.token\.issuer: is not an issuer of the configuration; its issuers: login/,
  ],
  [
    'a destination that is neither a name nor a SPIFFE ID',
    `tests: [{name: a, ${get}, expect: allow, to: orders}]`,
    /to: is neither in destinations nor a SPIFFE ID/,
  ],
  ['a time that is none', `now: yesterday\ntests: [{name: a, ${get}, expect: allow}]`, /now: must be a time/],
  ['no tests', 'tests: []', /tests: must hold at least one test/],
  [
    'more tests than can be run',
    `callers: {a: {}}\ntests: [{name: a, request: [${'GET a,'.repeat(400)}], from: [${'a,'.repeat(400)}], expect: allow}]`,
    /tests\[0\]: makes more than 100000 tests/,
  ],
  [
    '__proto__ as a caller',
    `callers: {__proto__: {}}\ntests: [{name: a, ${get}, expect: allow}]`,
    /__proto__ cannot be a key/,
  ],
  [
    'an alias that contains itself',
    `callers: &a {x: *a}\ntests: [{name: a, ${get}, expect: allow}]`,
    /cannot be used as YAML/,
  ],
] as const)
  test(`format – ${what} is a problem with its place`, async (t) => {
    const { problems, exitCode } = await runText(t, text);
    t.is(exitCode, 2);
    t.true(
      problems.some((line) => problem.test(line)),
      problems.join('\n'),
    );
  });

test('format – a mistake in the configuration is reported too', async (t) => {
  const { problems } = await runText(t, `tests: [{name: a, ${get}, expect: allow}]`, {
    config: '\nruls: []\n',
  });
  t.true(
    problems.some((line) => line.startsWith('c.yaml:2: ruls: is not a setting')),
    problems.join('\n'),
  );
});

for (const name of ['constructor', 'toString', 'hasOwnProperty'])
  test(`format – ${name} is a name like any other`, async (t) => {
    const expect = 'expect: {effect: deny, reason: token_missing}';
    const named = await runText(
      t,
      `callers: {${name}: {}}\ntests: [{name: a, ${get}, ${expect}, from: ${name}}]`,
    );
    t.is(named.exitCode, 0, named.output);
    const unknown = await runText(t, `tests: [{name: a, ${get}, ${expect}, from: ${name}, to: ${name}}]`);
    t.is(unknown.problems.length, 2);
  });

const reader = 'callers: {reader: {token: {claims: {scope: read, tenant: acme}}}}\n';

for (const [what, from, expect] of [
  ['nothing', undefined, '{effect: deny, reason: token_missing, status: 401}'],
  ['a caller by its name', 'reader', '{effect: allow, reason: allowed, rule: orders}'],
  ['a caller without its token', '{like: reader, token: none}', '{effect: deny, reason: token_missing}'],
  [
    'a caller with a claim taken away',
    '{like: reader, token: {claims: {scope: null}}}',
    '{effect: deny, reason: scope_missing}',
  ],
  [
    'a caller with another claim',
    '{like: reader, token: {claims: {aud: other}}}',
    '{effect: deny, reason: token_audience_mismatch}',
  ],
  [
    'a caller with an expired token',
    '{like: reader, token: {expired: true}}',
    '{effect: deny, reason: token_expired}',
  ],
  [
    'a caller with another header',
    '{like: reader, token: {header: {alg: none}}}',
    '{effect: deny, reason: token_algorithm_not_allowed}',
  ],
  ['a token that is written out', '{token: {text: not-a-token}}', '{effect: deny, reason: token_malformed}'],
  ['a token of the only issuer', '{token: {claims: {scope: read}}}', 'allow'],
] as const)
  test(`format – a request can come from ${what}`, async (t) => {
    const sender = from === undefined ? '' : `, from: ${from}`;
    const { output, exitCode } = await runText(
      t,
      `${reader}tests: [{name: a, ${get}, expect: ${expect}${sender}}]`,
    );
    t.is(exitCode, 0, output);
  });

for (const [what, expect, said] of [
  ['effect', 'deny', 'effect deny'],
  ['reason', '{effect: allow, reason: public}', 'reason public'],
  ['status', '{effect: allow, status: 204}', 'status 204'],
  ['header', '{effect: allow, headers: {x-auth-request-scope: write}}', 'header x-auth-request-scope write'],
  [
    'header that must not be added',
    '{effect: allow, without: [X-Auth-Request-Scope]}',
    'header X-Auth-Request-Scope not added',
  ],
] as const)
  test(`format – a test fails because of another ${what}`, async (t) => {
    const { output, exitCode } = await runText(
      t,
      `${reader}tests: [{name: a, ${get}, from: reader, expect: ${expect}}]`,
    );
    t.is(exitCode, 1);
    t.true(output.includes(`  expected  ${said}\n`), output);
  });

test('format – the headers of a refusal can be expected', async (t) => {
  const expect =
    '{effect: deny, headers: {WWW-Authenticate: \'Bearer realm="peerproof"\'}, without: [retry-after]}';
  const { output, exitCode } = await runText(t, `tests: [{name: a, ${get}, expect: ${expect}}]`);
  t.is(exitCode, 0, output);
});

test('format – lists make a test of each combination', async (t) => {
  const callers = 'callers: {a: {}, b: {}}\n';
  const lists = '{name: x, request: [GET a, GET b, GET c], from: [a, b], expect: deny}';
  const { output } = await runText(t, `${callers}tests: [${lists}]`, { format: 'json' });
  const [file] = (JSON.parse(output) as { files: { tests: { name: string }[] }[] }).files;
  t.deepEqual(
    file?.tests.map(({ name }) => name),
    ['a', 'b', 'c'].flatMap((host) => ['a', 'b'].map((from) => `x (${from}, GET ${host}/)`)),
  );
});

test('format – the time of the requests can be set', async (t) => {
  const config = `issuers: {login: {issuer: "https://login.example", audiences: [orders]}}\nrules: [{name: a, require: {binding: [none], when: 'request.time < timestamp("2026-06-01T00:00:00Z")'}}]`;
  const text = `tests: [{name: a, ${get}, from: {token: {}}, expect: allow}]`;
  t.is((await runText(t, `now: 2026-05-31T23:59:59Z\n${text}`, { config })).exitCode, 0);
  t.is((await runText(t, `now: 2026-06-01T00:00:00Z\n${text}`, { config })).exitCode, 1);
});

const bound = `
issuers: {login: {issuer: "https://login.example", audiences: [orders]}}
peers: {gateways: ["spiffe://a/gateway"], trustDomains: {a: {}}}
rules: [{name: orders, require: {binding: [certificate]}}]
`;
const holder = 'callers: {shop: {peer: spiffe://a/shop, token: {bound: true}}}\n';

for (const [what, from, expect] of [
  ['its holder', 'shop', 'allow'],
  ['its holder through a gateway', '{like: shop, peer: {via: spiffe://a/gateway}}', 'allow'],
  ['its holder after a rotation', '{like: shop, peer: {certificate: next}}', 'binding_certificate_mismatch'],
  ['a thief', '{like: shop, peer: spiffe://a/thief}', 'binding_certificate_mismatch'],
  ['a thief without a certificate', '{like: shop, peer: none}', 'binding_peer_missing'],
  [
    'a thief that changes a claim',
    '{like: shop, peer: spiffe://a/thief, token: {claims: {scope: x}}}',
    'binding_certificate_mismatch',
  ],
  ['another holder', '{like: shop, peer: spiffe://a/thief, token: {bound: true}}', 'allow'],
  ['nobody in particular', '{like: shop, token: {bound: false}}', 'binding_missing'],
] as const)
  test(`format – a bound token can come from ${what}`, async (t) => {
    const wanted = expect === 'allow' ? expect : `{effect: deny, reason: ${expect}}`;
    const text = `${holder}tests: [{name: a, ${get}, from: ${from}, expect: ${wanted}}]`;
    const { output, exitCode, problems } = await runText(t, text, { config: bound });
    t.is(exitCode, 0, `${output}${problems}`);
  });

for (const [what, from, more, expect] of [
  ['its holder', '{token: {dpop: true}}', '', 'allow'],
  ['its holder, with a nonce', '{token: {dpop: true}}', 'dpop: {nonce: {}}', 'allow'],
  [
    'its holder behind a gateway',
    '{token: {dpop: true}}',
    'dpop: {origins: {orders.example: "http://x/y"}}',
    'allow',
  ],
  [
    'a sender without the key',
    '{token: {claims: {cnf: {jkt: BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA}}}}',
    '',
    'token_scheme_downgraded',
  ],
  [
    'a sender with another key',
    '{token: {dpop: true, claims: {cnf: {jkt: BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA}}}}',
    '',
    'proof_key_mismatch',
  ],
  ['nobody in particular', '{token: {dpop: false}}', '', 'binding_missing'],
] as const)
  test(`format – a token with a DPoP proof can come from ${what}`, async (t) => {
    const config = `${bound.replace('[certificate]', '[dpop]')}${more}\n`;
    const wanted = expect === 'allow' ? expect : `{effect: deny, reason: ${expect}}`;
    const text = `tests: [{name: a, ${get}, from: ${from}, expect: ${wanted}}]`;
    const { output, exitCode, problems } = await runText(t, text, { config });
    t.is(exitCode, 0, `${output}${problems}`);
  });

test('format – what an observed rule would deny can be expected', async (t) => {
  const config = small.replace('name: orders,', 'name: orders, mode: observe,');
  const observed = (reason: string) =>
    `tests: [{name: a, ${get}, expect: {effect: allow, reason: observed, wouldDeny: ${reason}}}]`;
  const good = await runText(t, observed('token_missing'), { config, coverage: true });
  t.is(good.exitCode, 0, good.output);
  t.regex(good.output, /orders {8}1 {7}0 {2}scopes$/m);
  const { output, exitCode } = await runText(t, observed('scope_missing'), { config });
  t.is(exitCode, 1);
  t.regex(output, /expected {2}wouldDeny scope_missing\n {2}came {6}wouldDeny token_missing\n/);
  t.regex(output, /decision {2}allow \(observed, would deny: token_missing\) by the rule orders/);
});
