import test from 'ava';
import { type Compared, compare } from '../../src/compare/compare.ts';
import { failures } from '../../src/compare/formats.ts';
import { type LoadedConfig, parseWithoutFiles } from '../../src/config/load.ts';
import { now } from './judged.ts';

const keys = '{keys: [{kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}]}';
const base = `
issuers:
  corp: {issuer: "https://corp.example", audiences: [orders], jwks: ${keys}}
  cluster: {issuer: "https://cluster.example", audiences: [orders], trustDomain: cluster.local, ca: ca.pem, kubernetes: {verify: tokenReview, apiServer: "https://api.example"}}
  opaque: {audiences: [orders], introspection: {endpoint: "https://opaque.example/ask", clientId: me, clientSecretFile: secret}}
peers: {trustDomains: {cluster.local: {}}}
clients: {shop: ["spiffe://cluster.local/ns/web/sa/shop"]}
rules:
- {name: health, match: {paths: [/healthz]}, public: true}
- {name: read, match: {hosts: [orders.example], methods: [GET], paths: ["/orders/*"]}, require: {issuers: [corp], scopes: [orders.read], claims: {tenant: [a, b]}}}
- {name: write, match: {hosts: [orders.example], methods: [POST], paths: ["/orders/**"]}, require: {issuers: [corp, cluster], scopes: [orders.write, full], peers: ["spiffe://cluster.local/ns/web/sa/*"]}}
- {name: account, match: {hosts: [accounts.example]}, require: {issuers: [cluster], serviceAccounts: [web/shop]}}
- {name: condition, match: {hosts: [conditions.example]}, require: {issuers: [corp], when: "claims.tenant == request.headers['x-tenant'] && claims.level >= 3"}}
- {name: mail, match: {hosts: [mail.example]}, require: {issuers: [corp], emails: [ann@corp.example], binding: [certificate]}}
- {name: acting, match: {hosts: [acting.example]}, require: {issuers: [corp], actors: {allow: [{who: ["spiffe://cluster.local/ns/web/sa/shop"], for: [ann]}]}, binding: [workload]}}
- {name: opaque, match: {hosts: [opaque.example]}, require: {issuers: [opaque], binding: [none]}}
- {name: token, match: {hosts: [token.example], methods: [POST]}, require: {issuers: [cluster], credential: client-assertion}}
- {name: database, match: {protocol: tcp, ports: [5432]}, require: {peers: ["spiffe://cluster.local/ns/web/sa/shop"]}}
`;

function compareTexts(before: string, after: string, limit = 50_000): Promise<Compared> {
  return compare(parseWithoutFiles(before, 'old.yaml'), parseWithoutFiles(after, 'new.yaml'), { now, limit });
}

/** One line for each finding. */
function lines({ findings }: Compared): string[] {
  return findings.map(({ change, verdicts: [before, after] }) =>
    [change, before.rule ?? '', before.reason, after.rule ?? '', after.reason]
      .join(' ')
      .replaceAll('  ', ' '),
  );
}

/** What is replaced in the base, by what, and what the comparison must show. */
const changes: Readonly<Record<string, readonly [from: string, to: string, ...shown: string[]]>> = {
  'a wider path': ['/orders/*', '/orders/**', 'widens no_rule read allowed'],
  'a wider host': ['[mail.example]', '["*.mail.example", mail.example]', 'widens no_rule mail allowed'],
  'another method': ['[POST], paths', '[POST, PUT], paths', 'widens no_rule write allowed'],
  'a dropped scope': ['[orders.write, full]', '[orders.write]', 'widens write scope_missing write allowed'],
  'an added scope': ['[orders.read]', '[orders.read, more]', 'narrows read allowed read scope_missing'],
  'another claim value': ['[a, b]', '[a, b, c]', 'widens read claim_mismatch read allowed'],
  'a claim value less': ['[a, b]', '[a]', 'narrows read allowed read claim_mismatch'],
  'wider peers': ['/ns/web/sa/*"', '/ns/*/sa/*"', 'widens write peer_not_allowed write allowed'],
  'a wider ServiceAccount': [
    '[web/shop]',
    '[web/*]',
    'widens account service_account_not_allowed account allowed',
  ],
  'another actor': [
    'sa/shop"], for: [ann]',
    'sa/shop", shop], for: [ann]',
    'widens acting actor_not_allowed acting allowed',
  ],
  'another subject to act for': ['[ann]', '[ann, bob]', 'widens acting actor_not_allowed acting allowed'],
  'any subject to act for': [', for: [ann]', '', 'widens acting actor_not_allowed acting allowed'],
  'a longer chain of actors': [
    'for: [ann]}]}',
    'for: [ann]}], maxLength: 2}',
    'widens acting actor_not_allowed acting allowed',
  ],
  'an actor that may be missing': [
    'for: [ann]}]}',
    'for: [ann]}], optional: true}',
    'widens acting actor_missing acting allowed',
  ],
  'actors that are no longer wanted': [
    'actors: {allow: [{who: ["spiffe://cluster.local/ns/web/sa/shop"], for: [ann]}]}, ',
    '',
    'widens acting actor_missing acting allowed',
  ],
  'actors that are refused now': [
    'scopes: [orders.read]',
    'actors: {maxLength: 0}, scopes: [orders.read]',
    'narrows read allowed read actor_not_allowed',
  ],
  'a rule that is public now': [
    'require: {issuers: [cluster], serviceAccounts: [web/shop]}',
    'public: true',
    'widens account token_missing account public',
  ],
  'no binding': ['binding: [certificate]', 'binding: [none]', 'widens mail binding_missing mail allowed'],
  'another binding': [
    'binding: [certificate]',
    'binding: [certificate, workload]',
    'widens mail binding_missing mail allowed',
  ],
  'a proof by DPoP as well': [
    'binding: [certificate]',
    'binding: [certificate, dpop]',
    'widens mail confirmation_unproven mail allowed',
  ],
  'a proof by DPoP alone': [
    'binding: [certificate]',
    'binding: [dpop]',
    'widens mail confirmation_unproven mail allowed',
    'narrows mail allowed mail confirmation_unproven',
  ],
  'a rule that refuses bound tokens': [
    'issuers: [cluster], serviceAccounts',
    'issuers: [cluster], binding: [none], serviceAccounts',
    'widens account binding_peer_missing account allowed',
    'narrows account allowed account confirmation_unproven',
  ],
  'another issuer of a rule': [
    'issuers: [corp], scopes',
    'issuers: [corp, cluster], scopes',
    'widens read token_issuer_not_allowed read allowed',
  ],
  'a weaker condition': ['>= 3', '>= 2', 'widens condition condition_not_met condition allowed'],
  'another e-mail address': [
    '[ann@corp.example]',
    '[ann@corp.example, bob@corp.example]',
    'widens mail email_not_allowed mail allowed',
  ],
  'a wider connection': ['[5432]', '[5432, 6432]', 'widens no_rule database allowed'],
  'other peers of a connection': [
    'sa/shop"]}}\n',
    'sa/*"]}}\n',
    'widens database peer_not_allowed database allowed',
  ],
  'another rule before': [
    'rules:\n',
    'rules:\n- {name: open, match: {hosts: [mail.example]}, public: true}\n',
    'widens mail token_missing open public',
  ],
};

for (const [what, [from, to, ...shown]] of Object.entries(changes))
  test(`compare – shows ${what}`, async (t) => {
    t.true(base.includes(from));
    const comparison = await compareTexts(base, base.replace(from, to));
    const found = lines(comparison);
    for (const line of shown) t.true(found.includes(line), found.join('\n'));
    t.deepEqual(comparison.undecided, []);
    const widens = shown.some((line) => line.startsWith('widens'));
    t.is(failures.get('widen')?.(comparison), widens);
  });

/** Settings beyond the rules. */
const settings: Readonly<Record<string, readonly [from: string, to: string, ...shown: string[]]>> = {
  'another audience': [
    '[orders], jwks',
    '[orders, more], jwks',
    'widens read token_audience_mismatch read allowed',
  ],
  'an audience less': [
    '[orders], introspection',
    '[others], introspection',
    'widens opaque token_audience_mismatch opaque allowed',
    'narrows opaque allowed opaque token_audience_mismatch',
  ],
  'tokens without an audience': [
    '[orders], jwks',
    '[orders], allowInsecureNoAudience: true, jwks',
    'widens mail token_audience_mismatch mail allowed',
  ],
  'tokens that never expire': [
    '[orders], jwks',
    '[orders], allowInsecureNoExpiry: true, jwks',
    'widens mail token_claim_malformed mail allowed',
  ],
  'a larger clock skew': [
    '[orders], jwks',
    '[orders], clockSkew: 90s, jwks',
    'widens mail token_expired mail allowed',
  ],
  'another profile': [
    '[orders], jwks',
    '[orders], accept: at+jwt, jwks',
    'narrows mail allowed mail token_type_not_allowed',
  ],
  'another iss': [
    'https://corp.example',
    'https://corp.example/',
    'widens mail token_issuer_unknown mail allowed',
    'narrows mail allowed mail token_issuer_unknown',
  ],
  'another trust domain': [
    '{cluster.local: {}}',
    '{cluster.local: {}, other.local: {}}',
    'widens mail peer_trust_domain_not_allowed mail allowed',
  ],
  'a forgeable source of peers': [
    'peers: {',
    'peers: {from: [attribute, xfcc, principal, x-client-certificate], ',
    'widens mail binding_peer_missing mail allowed',
  ],
  'a gateway': [
    'peers: {',
    'peers: {gateways: ["spiffe://cluster.local/ns/gw/sa/gw"], ',
    'widens account binding_workload_mismatch account allowed',
  ],
  'a gateway less, behind which it refuses strangers': [
    'peers: {',
    'peers: {gateways: ["spiffe://cluster.local/ns/gw/sa/gw"], ',
    'narrows opaque allowed opaque peer_trust_domain_not_allowed',
  ],
  'a wider client': [
    'sa/shop"]}\nrules',
    'sa/*"]}\nrules',
    'widens token client_not_registered token allowed',
  ],
  'a certificate in the place of an assertion': [
    '{issuers: [cluster], credential: client-assertion}',
    '{credential: client-certificate}',
    'widens token assertion_missing token allowed',
    'narrows token allowed token assertion_ambiguous',
  ],
  'an ignored port': ['rules:', 'hosts: {ignorePort: true}\nrules:', 'widens no_rule mail allowed'],
  'ignored case': ['rules:', 'paths: {ignoreCase: true}\nrules:', 'widens no_rule health public'],
  'a slash that matters': [
    'rules:',
    'paths: {ignoreTrailingSlash: false}\nrules:',
    'narrows health public no_rule',
  ],
  'unverified addresses': [
    'rules:',
    'identity: {allowInsecureUnverifiedEmail: true}\nrules:',
    'widens mail email_not_allowed mail allowed',
  ],
  'a rule that is observed': [
    'name: mail,',
    'name: mail, mode: observe,',
    'widens mail token_missing mail observed',
  ],
  'a requirement that is observed': [
    'serviceAccounts: [web/shop]',
    'serviceAccounts: [web/shop], observe: [serviceAccounts]',
    'widens account service_account_not_allowed account observed',
  ],
  'an issuer that is observed': [
    'scopes: [orders.read]',
    'scopes: [orders.read], observe: [issuers]',
    'widens read token_issuer_not_allowed read observed',
  ],
  'a condition that is observed': [
    'issuers: [corp], when',
    'issuers: [corp], observe: [when], when',
    'widens condition condition_failed condition observed',
  ],
  'an optional token': [
    'require: {issuers: [cluster], serviceAccounts: [web/shop]}',
    'require: {issuers: [cluster], token: optional}',
    'widens account token_missing account anonymous',
  ],
  'other headers': [
    'rules:',
    'identity: {headers: {x-tenant: {claim: tenant}}}\nrules:',
    'identity read allowed read allowed',
  ],
};

for (const [what, [from, to, ...shown]] of Object.entries(settings))
  test(`compare – shows what a setting changes: ${what}`, async (t) => {
    t.true(base.includes(from));
    const found = lines(await compareTexts(base, base.replace(from, to)));
    for (const line of shown) t.true(found.includes(line), found.join('\n'));
  });

const database = /- \{name: database.*\n/.exec(base)?.[0] ?? '';
/** Each is the base in another form. */
const equal: Readonly<Record<string, string>> = {
  'the same text': base,
  comments: base.replace('rules:', '# Who may do what.\nrules: # in this order'),
  'another order of keys': base.replace(
    '{name: health, match: {paths: [/healthz]}, public: true}',
    '{public: true, match: {paths: [/healthz]}, name: health}',
  ),
  'another order of a list': base.replace('[orders.write, full]', '[full, orders.write]'),
  'another order of issuers': base.replace('[corp, cluster]', '[cluster, corp]'),
  'a default that is written out': base.replace('binding: [none]', 'binding: [none], credential: bearer'),
  'a condition with other spaces': base.replace('claims.level >= 3', '(claims.level   >=   3)'),
  'another name of an issuer': base.replaceAll(/\bcorp\b(?!\.)/g, 'company'),
  'a rule behind others': `${base}- {name: late, match: {hosts: [mail.example]}, public: true}\n`,
  'rules that never meet, in another order': base
    .replace(database, '')
    .replace('rules:\n', `rules:\n${database}`),
};

for (const [what, text] of Object.entries(equal))
  test(`compare – finds nothing in ${what}`, async (t) => {
    const comparison = await compareTexts(base, text);
    t.is(text === base, what === 'the same text');
    t.deepEqual([lines(comparison), comparison.undecided, comparison.leftOut], [[], [], []]);
  });

test('compare – shows that a service is observed, also where no rule applies', async (t) => {
  const enforced = base.replace(/- \{name: token.*\n/, '');
  const found = lines(await compareTexts(enforced, enforced.replace('rules:', 'mode: observe\nrules:')));
  t.true(found.includes('widens no_rule observed'), found.join('\n'));
  t.true(found.includes('widens database peer_missing database observed'), found.join('\n'));
});

test('compare – merged rules are a note, and no failure', async (t) => {
  const rule = (name: string, path: string) =>
    `- {name: ${name}, match: {hosts: [m.example], paths: ["${path}"]}, require: {issuers: [corp], scopes: [s]}}\n`;
  const comparison = await compareTexts(
    base + rule('a', '/a') + rule('b', '/b'),
    base + rule('ab', '/a", "/b'),
  );
  t.deepEqual(lines(comparison), ['rule a allowed ab allowed', 'rule b allowed ab allowed']);
  for (const fails of failures.values()) t.false(fails(comparison));
});

test('compare – a condition that nothing tells apart is not decided, and fails', async (t) => {
  const at = (hour: number) => base.replace('claims.level >= 3', `request.time.getHours() < ${hour}`);
  const comparison = await compareTexts(at(3), at(2));
  t.deepEqual(comparison.undecided, ['rule condition: the conditions differ; not decided']);
  t.true(failures.get('widen')?.(comparison));
  t.false(failures.get('never')?.(comparison));
});

test('compare – a condition that is not understood does not hide another change', async (t) => {
  const odd = base.replace('claims.level >= 3', "claims.code.size() == 7 && claims.code.endsWith('-x')");
  const rule = 'require: {issuers: [corp], when';
  const [before, after] = [odd.replace(rule, 'require: {issuers: [corp], scopes: [s], when'), odd];
  const comparison = await compareTexts(before, after);
  t.deepEqual(lines(comparison), ['widens condition scope_missing condition allowed']);
  t.regex(comparison.findings[0]?.provided ?? '', /claims\.code/);
});

test('compare – a condition that another method meets does not lead away from the rule', async (t) => {
  const rule = (issuers: string) =>
    `${base}- {name: get, match: {hosts: [c.example], methods: [GET]}, require: {issuers: [corp]}}
- {name: post, match: {hosts: [c.example], methods: [POST]}, require: {issuers: [${issuers}], binding: [workload], when: "request.method == 'GET' || claims.team == 'a'"}}
`;
  const comparison = await compareTexts(rule('corp'), rule('corp, cluster'));
  t.deepEqual(lines(comparison), ['widens post token_issuer_not_allowed post allowed']);
});

test('compare – a claim that a condition reads too is dropped', async (t) => {
  const condition = 'require: {issuers: [corp], when';
  const strict = base.replace(condition, 'require: {issuers: [corp], claims: {tenant: [a, b]}, when');
  const comparison = await compareTexts(strict, base);
  t.deepEqual(lines(comparison), ['widens condition claim_mismatch condition allowed']);
});

test('compare – says what was not looked at when the limit is reached', async (t) => {
  const comparison = await compareTexts(base, base.replace('[orders], jwks', '[orders, more], jwks'), 5);
  t.is(comparison.judged, 5);
  t.true(comparison.leftOut.length > 0);
  t.true(failures.get('widen')?.(comparison));
});

test('compare – tells how far it is, for rules and for pairs of rules', async (t) => {
  const steps: string[] = [];
  const onStep = (what: string, done: number, total?: number) => steps.push(`${what}: ${done} of ${total}`);
  const after = base.replace('/orders/*', '/orders/**');
  const sides = [base, after].map((text) => parseWithoutFiles(text, 'x.yaml')) as [
    LoadedConfig,
    LoadedConfig,
  ];
  await compare(...sides, { now, limit: 50_000, onStep });
  for (const wanted of [
    'rules of the old configuration: 0 of 10',
    'rules of the new configuration: 8 of 10',
    'rules compared with all others: 5 of 10',
    /^pairs of rules that decide the same requests: 0 of \d+$/,
  ])
    t.true(
      steps.some((step) => (wanted instanceof RegExp ? wanted.test(step) : step === wanted)),
      `${wanted}`,
    );
});

const http = base.replace('rules:', 'listen: {http: "127.0.0.1:9002"}\nrules:');
const oneAlgorithm = base.replace('jwks:', 'algorithms: [ES256], jwks:');
/** Changes that no trial can judge. */
const unjudged: Readonly<Record<string, readonly [before: string, after: string, said: RegExp]>> = {
  'other keys': [base, base.replace('x: 11q', 'x: 22q'), /^issuers\.corp\.jwks is different/],
  'another algorithm': [
    oneAlgorithm,
    base.replace('jwks:', 'algorithms: [ES256, EdDSA], jwks:'),
    /^issuers\.corp\.algorithms: tokens with EdDSA are accepted now$/,
  ],
  'another API server': [
    base,
    base.replace('api.example', 'a.example'),
    /^issuers\.cluster\.kubernetes is different/,
  ],
  'another order of sources': [
    base,
    base.replace('peers: {', 'peers: {from: [xfcc, attribute, principal], '),
    /^peers\.from has another order/,
  ],
  'longer tokens': [
    base,
    base.replace('rules:', 'limits: {tokenLength: 20000}\nrules:'),
    /^limits\.tokenLength is larger/,
  ],
  'a header that names senders': [
    http,
    http.replace('rules:', 'http: {xfcc: direct}\nrules:'),
    /^http\.xfcc is different/,
  ],
  'a trust domain without its bundle': [
    base.replace('{cluster.local: {}}', '{cluster.local: {bundle: ca.pem}}'),
    base,
    /^peers\.trustDomains\.cluster\.local has another bundle/,
  ],
};

for (const [what, [before, after, said]] of Object.entries(unjudged))
  test(`compare – does not decide ${what}, and fails`, async (t) => {
    const comparison = await compareTexts(before, after);
    t.is(comparison.undecided.length, 1);
    t.regex(comparison.undecided[0] ?? '', said);
    t.true(failures.get('widen')?.(comparison));
  });

test('compare – a bundle that is added and fewer algorithms narrow only', async (t) => {
  const { undecided } = await compareTexts(
    base,
    oneAlgorithm.replace('{cluster.local: {}}', '{cluster.local: {bundle: ca.pem}}'),
  );
  t.deepEqual(undecided, []);
});

test('compare – a finding has nothing that does not matter', async (t) => {
  const { findings } = await compareTexts(base, base.replace('[a, b]', '[a, b, c]'));
  const { caller, probe } = findings[0] ?? {};
  t.deepEqual(Object.keys(caller?.token?.claims ?? {}).toSorted(), [
    'aud',
    'client_id',
    'exp',
    'iat',
    'iss',
    'scope',
    'sub',
    'tenant',
  ]);
  t.deepEqual(probe, { method: 'GET', host: 'orders.example', path: '/orders/any' });
});
