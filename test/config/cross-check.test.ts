import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { problemLine } from '../../src/config/problem.ts';
import { problemsOf } from '../support/config-problems.ts';

const corp = 'corp: {issuer: https://login.example.com, audiences: [orders]}';
const config = (parts: {
  issuers?: string;
  peers?: string;
  more?: string;
  rules: string;
}) => `issuers: {${parts.issuers ?? corp}}
peers: ${parts.peers ?? '{trustDomains: {cluster.local: {}}}'}
${parts.more ?? ''}
rules: [${parts.rules}]
`;
const plain = '{name: a}';
const spiffe = 'spiffe://cluster.local/ns/a/sa/b';

const mistakes: [string, Parameters<typeof config>[0], [key: string, message: RegExp][]][] = [
  [
    'two issuers with one iss',
    { issuers: `${corp}, again: {issuer: https://login.example.com, audiences: [x]}`, rules: plain },
    [['issuers.again.issuer', /is also the issuer of corp/]],
  ],
  [
    'two sources of keys',
    {
      issuers:
        'corp: {issuer: https://a.example, audiences: [x], jwksUri: https://a.example/k, jwks: {keys: []}}',
      rules: plain,
    },
    [
      ['issuers.corp.jwks', /jwksUri and jwks cannot be combined: keep one of them/],
      ['issuers.corp.jwks', /does not hold a key that can verify signatures/],
    ],
  ],
  [
    'a token that may be missing, and what only a token can meet',
    {
      rules:
        "{name: a, require: {token: optional, scopes: [x], claims: {a: b}, emails: [a@b.c], when: 'true', issuers: [corp]}}",
    },
    ['scopes', 'claims', 'emails', 'when'].map((key) => [
      `rules[0].require.${key}`,
      /cannot be combined with token: optional, because a token that may be missing cannot meet it: remove/,
    ]),
  ],
  [
    'a client assertion that may be missing',
    { rules: '{name: a, require: {token: optional, credential: client-assertion}}' },
    [['rules[0].require.token', /cannot be optional with credential: client-assertion/]],
  ],
  [
    'a client certificate, and what only a token can meet',
    {
      rules:
        '{name: a, require: {credential: client-certificate, scopes: [x], binding: [workload], issuers: [corp]}}',
      more: `clients: {shop: ["${spiffe}"]}`,
    },
    [
      ['rules[0].require.scopes', /because the client sends no token: remove it/],
      ['rules[0].require.binding', /because the client sends no token: remove it/],
      ['rules[0].require.issuers', /because the client sends no token: remove it/],
    ],
  ],
  [
    'a client certificate that may be missing',
    {
      rules: '{name: a, require: {credential: client-certificate, token: optional}}',
      more: `clients: {shop: ["${spiffe}"]}`,
    },
    [['rules[0].require.token', /cannot be optional with credential: client-certificate/]],
  ],
  [
    'a client certificate without trust domains',
    { rules: '{name: a, require: {credential: client-certificate}}', peers: '{}' },
    [['rules[0].require.credential', /needs peers\.trustDomains/]],
  ],
  [
    'an authorization server where no assertion is read',
    {
      rules:
        '{name: a, require: {authorizationServer: x}}, {name: b, require: {credential: client-certificate, authorizationServer: x}}',
      more: `clients: {shop: ["${spiffe}"]}`,
    },
    [
      ['rules[0].require.authorizationServer', /only with credential: client-assertion/],
      ['rules[1].require.authorizationServer', /only with credential: client-assertion/],
    ],
  ],
  [
    'an authorization server that no JWT-SVID is for',
    {
      issuers: `${corp}, spire: {issuer: https://spire.example, accept: jwt-svid, trustDomain: cluster.local, audiences: [https://as.example]}`,
      rules: `{name: a, require: {credential: client-assertion, authorizationServer: "https://as.example/"}}, {name: b, require: {issuers: [corp], credential: client-assertion, authorizationServer: "https://as.example"}}`,
    },
    [
      ['rules[0].require.authorizationServer', /needs an issuer of JWT-SVIDs/],
      ['rules[1].require.authorizationServer', /needs an issuer of JWT-SVIDs/],
    ],
  ],
  [
    'an issuer over plain http',
    { issuers: 'corp: {issuer: http://login.example.com, audiences: [x]}', rules: plain },
    [
      [
        'issuers.corp.issuer',
        /must be https; http is allowed only to this machine, or with allowInsecureHttp: true/,
      ],
    ],
  ],
  [
    'a jwksUri over plain http',
    {
      issuers: 'corp: {issuer: https://a.example, audiences: [x], jwksUri: http://a.example/k}',
      rules: plain,
    },
    [['issuers.corp.jwksUri', /must be https/]],
  ],
  [
    'a condition that names the URL of an issuer',
    { rules: `{name: a, require: {when: "token.issuer == 'https://login.example.com'"}}` },
    [
      [
        'rules[0].require.when',
        /compares token.issuer with "https:\/\/login.example.com", which is not the name of an issuer; use its name "corp"/,
      ],
    ],
  ],
  [
    'conditions that name unknown issuers, one of a workload',
    {
      rules: `{name: a, require: {when: "'Corp' != token['issuer'] && token.issuer in ['corp', 'partner']"}}`,
      more: `workloads: {shop: {destinations: ["${spiffe}"], rules: [{name: a, require: {when: "token.issuer == 'x'"}}]}}`,
    },
    [
      ['workloads.shop.rules[0].require.when', /with "x", .*; configured are: corp$/],
      ['rules[0].require.when', /with "Corp", which is not the name of an issuer; configured are: corp$/],
      ['rules[0].require.when', /with "partner"/],
    ],
  ],
  [
    'a client of an unknown issuer',
    { more: `clients: {shop: {workloads: ["${spiffe}"], issuers: [partner]}}`, rules: plain },
    [['clients.shop.issuers[0]', /is not a configured issuer: "partner"; configured are: corp/]],
  ],
  [
    'two rules of one name',
    { rules: '{name: a}, {name: a}' },
    [['rules[1].name', /is the name of another rule too: each name must be unique/]],
  ],
  [
    'a public rule that requires something',
    { rules: '{name: a, public: true, require: {scopes: [x]}}' },
    [['rules[0].require', /cannot be combined with public: remove one of them/]],
  ],
  [
    'a rule of an unknown issuer',
    { rules: '{name: a, require: {issuers: [nobody]}}' },
    [['rules[0].require.issuers[0]', /is not a configured issuer: "nobody"/]],
  ],
  [
    'an issuer that is only inherited',
    { rules: '{name: a, require: {issuers: [constructor]}}' },
    [['rules[0].require.issuers[0]', /is not a configured issuer: "constructor"/]],
  ],
  [
    'peers without trust domains',
    { peers: '{}', rules: `{name: a, require: {peers: ["${spiffe}"]}}` },
    [['rules[0].require.peers', /needs peers.trustDomains/]],
  ],
  [
    'the workload binding without trust domains',
    { peers: '{trustDomains: {}}', rules: '{name: a, require: {binding: [workload]}}' },
    [['rules[0].require.binding', /needs peers.trustDomains/]],
  ],
  [
    'a rule that asks for a token, and no issuers',
    { issuers: '', rules: plain },
    [['rules[0].name', /needs a token, but issuers is empty/]],
  ],
  [
    'http matches of a tcp rule',
    {
      rules: `{name: a, match: {protocol: tcp, hosts: [a], methods: [GET], paths: [/], context: {a: b}}, require: {peers: ["${spiffe}"]}}`,
    },
    [
      ['rules[0].match.hosts', /is not possible with protocol tcp: remove it/],
      ['rules[0].match.methods', /is not possible with protocol tcp: remove it/],
      ['rules[0].match.paths', /is not possible with protocol tcp: remove it/],
      ['rules[0].match.context', /is not possible with protocol tcp: remove it/],
    ],
  ],
  [
    'token requirements of a tcp rule',
    {
      rules: `{name: a, match: {protocol: tcp}, require: {peers: ["${spiffe}"], scopes: [x], binding: [certificate]}}`,
    },
    [
      ['rules[0].require.scopes', /a connection has no token/],
      ['rules[0].require.binding', /a connection has no token/],
    ],
  ],
  [
    'a tcp rule for anyone that is not public',
    { rules: '{name: a, match: {protocol: tcp}}' },
    [['rules[0].match', /a rule needs require.peers or public: true/]],
  ],
  [
    'files that are not there',
    {
      issuers: 'corp: {issuer: https://a.example, audiences: [x], keys: no.pem, ca: ca.pem}',
      more: 'grpc: {tls: {certFile: a.pem, keyFile: b.pem, clientCaFile: c.pem}}',
      rules: plain,
    },
    [
      ['issuers.corp.keys', /no\.pem cannot be read \(ENOENT\)/],
      ['issuers.corp.ca', /ca\.pem cannot be read/],
      ['grpc.tls.certFile', /a\.pem cannot be read/],
      ['grpc.tls.keyFile', /b\.pem cannot be read/],
      ['grpc.tls.clientCaFile', /c\.pem cannot be read/],
    ],
  ],
];
for (const [title, parts, expected] of mistakes)
  test(`cross check – ${title}`, (t) => {
    const problems = problemsOf(config(parts), 'nowhere/test.yaml');
    t.deepEqual(
      problems.map(({ key }) => key).toSorted(),
      expected.map(([key]) => key).toSorted(),
      problems.map(problemLine).join('\n'),
    );
    for (const [key, message] of expected)
      t.true(
        problems.some((problem) => problem.key === key && message.test(problem.message)),
        key,
      );
  });

const fine: [string, Parameters<typeof config>[0]][] = [
  [
    'http to this machine',
    { issuers: 'corp: {issuer: "http://127.0.0.1:8080", audiences: [x]}', rules: plain },
  ],
  [
    'http by name',
    { issuers: 'corp: {issuer: "http://a.example", audiences: [x], allowInsecureHttp: true}', rules: plain },
  ],
  [
    'an http issuer whose keys come by https',
    {
      issuers: 'corp: {issuer: "http://a.example", audiences: [x], jwksUri: "https://a.example/k"}',
      rules: plain,
    },
  ],
  ['public rules without any issuer', { issuers: '', rules: '{name: a, public: true}' }],
  ['a public tcp rule', { rules: '{name: a, match: {protocol: tcp, ports: [7]}, public: true}' }],
  ['a tcp rule with peers', { rules: `{name: a, match: {protocol: tcp}, require: {peers: ["${spiffe}"]}}` }],
  [
    'the certificate binding without trust domains',
    { peers: '{}', rules: '{name: a, require: {binding: [certificate]}}' },
  ],
];
for (const [title, parts] of fine)
  test(`cross check – ${title} is allowed`, (t) => {
    t.deepEqual(problemsOf(config(parts)), []);
  });

test('cross check – weaker choices are allowed by name and told as warnings', (t) => {
  const { warnings } = parseConfig(
    config({
      issuers: 'corp: {issuer: "http://a.example", audiences: [x], allowInsecureHttp: true}',
      rules: '{name: open, require: {binding: [certificate, none]}}',
    }),
    'x',
  );
  t.deepEqual(warnings, [
    'issuers.corp.allowInsecureHttp: connections to this issuer use plain http',
    'rule open: binding none accepts a stolen token from any sender',
  ]);
});

for (const text of [
  '',
  '~',
  '[]',
  '7',
  'text',
  'rules: 7',
  'rules: {a: b}',
  'issuers: []\nrules: [7, null, [], x]',
  'rules:\n- match: 7\n  require: []\n  name: []',
])
  test(`cross check – ${JSON.stringify(text)} is explained and does not crash`, (t) => {
    const problems = problemsOf(text);
    t.true(problems.length > 0);
    for (const { line, message } of problems) {
      t.true(line >= 1);
      t.true(message.length > 5);
    }
  });

test('cross check – a rule accepts opaque tokens of at most one issuer, so that no token is tried at several', (t) => {
  const opaque = (name: string) =>
    `  ${name}: {introspection: {endpoint: "https://${name}.example/i", clientId: a, authentication: client_secret_post}, audiences: [a]}\n`;
  const text = (require: string) => `issuers:\n${opaque('one')}${opaque('two')}rules:\n- name: r\n${require}`;
  const wrong = (require: string) =>
    problemsOf(text(require)).filter(({ message }) => /opaque tokens of one and two/.test(message));
  t.is(wrong('').length, 1);
  t.is(wrong('  require: {issuers: [one, two]}\n').length, 1);
  t.is(wrong('  require: {issuers: [two]}\n').length, 0);
  const [observed] = wrong('  require: {issuers: [two], scopes: [a], observe: [issuers, scopes]}\n');
  t.is(observed?.key, 'rules[0].require.observe');
  t.regex(observed?.message ?? '', /: remove issuers, because/);
  t.is(wrong('  public: true\n').length, 0);
});

test('cross check – rules that accept every one of several issuers are named, in one line', (t) => {
  const two = `${corp}, partner: {issuer: https://partner.example, audiences: [orders]}`;
  const warned = (rules: string, issuers = two) =>
    parseConfig(config({ issuers, rules }), 'x').warnings.filter((warning) => /issuer/.test(warning));
  t.deepEqual(warned('{name: a}, {name: b, require: {issuers: [corp]}}, {name: c, require: {scopes: [x]}}'), [
    'rules a, c: without require.issuers, tokens of every issuer are accepted: corp, partner',
  ]);
  t.deepEqual(warned('{name: a}'), [
    'rule a: without require.issuers, tokens of every issuer are accepted: corp, partner',
  ]);
  t.deepEqual(warned('{name: a}', corp), []);
  const others = `{name: a, public: true}, {name: b, match: {protocol: tcp}, require: {peers: ["${spiffe}"]}}`;
  t.deepEqual(warned(others), []);
  const many = Array.from({ length: 30 }, (_, index) => `{name: r${index}}`).join(', ');
  t.regex(warned(many)[0] ?? '', /^rules r0, .*r9 and 20 more: /);
});

test('conditions – the names of issuers, and texts that are computed, may stand beside token.issuer', (t) => {
  for (const when of [
    "token.issuer == 'corp'",
    "token.issuer in ['corp']",
    'token.issuer == claims.wanted',
    "token.issuer.startsWith('co')",
    "token.subject == 'https://login.example.com'",
  ])
    t.notThrows(
      () => parseConfig(config({ rules: `{name: a, require: {when: "${when}"}}` }), 'x.yaml'),
      when,
    );
});
