import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { createRules } from '../../src/serve/create-policy.ts';
import { problemsOf } from '../support/config-problems.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { bundleOf } from '../support/wit-fixture.ts';

const jwks = JSON.stringify(bundleOf(createSigner('ES256')));
const spire = `spire: {accept: wit, trustDomain: cluster.local, jwks: ${jwks}}`;
const corp = 'corp: {issuer: https://login.example.com, audiences: [orders]}';
const target = 'wit: {origins: {orders.example.com: https://orders.example.com}}';
const config = ({
  issuers = spire,
  wit = target,
  rule = '{name: a, require: {credential: wit}}',
  more = '',
} = {}) => `issuers: {${issuers}}\n${wit}\n${more}\nrules: [${rule}]\n`;

test('wit – a rule with credential: wit needs no binding written out, and accepts no other', (t) => {
  const loaded = parseConfig(config(), 'x').config;
  t.deepEqual(createRules(loaded)[0]?.binding, ['wit']);
  t.deepEqual(problemsOf(config({ rule: '{name: a, require: {credential: wit, binding: [wit]}}' })), []);
});

test('wit – defaults: the newest draft, five minutes, 30 seconds, no target', (t) => {
  const loaded = parseConfig(config({ wit: '', rule: '{name: a, public: true}' }), 'x').config;
  t.deepEqual(loaded.wit, {
    origins: {},
    audiences: [],
    drafts: ['wpt-02'],
    lifetime: 300_000,
    clockSkew: 30_000,
  });
});

test('wit – the only trust domain is that of the issuer', (t) => {
  const issuers = `spire: {accept: wit, jwks: ${jwks}}`;
  t.deepEqual(problemsOf(config({ issuers, more: 'peers: {trustDomains: {cluster.local: {}}}' })), []);
});

test('wit – its issuer may be that of the JWT-SVIDs too', (t) => {
  const name = 'issuer: https://spire.example.com, trustDomain: cluster.local';
  const svids = `svids: {${name}, accept: jwt-svid, audiences: [orders]}`;
  t.deepEqual(problemsOf(config({ issuers: `${svids}, spire: {${name}, accept: wit, jwks: ${jwks}}` })), []);
});

const rule = (require: string) => ({ rule: `{name: a, require: {${require}}}` });
const mistakes: [string, Parameters<typeof config>[0], [key: string, message: RegExp][]][] = [
  ['no target', { wit: '' }, [['wit', /needs origins or audiences/]]],
  [
    'no issuer of WITs',
    { issuers: corp },
    [['rules[0].require.credential', /needs an issuer with accept: wit/]],
  ],
  [
    'another proof',
    rule('credential: wit, binding: [wit, certificate]'),
    [['rules[0].require.binding', /must be \[wit\] with credential: wit/]],
  ],
  [
    'no proof at all',
    rule('credential: wit, binding: [none]'),
    [['rules[0].require.binding', /must be \[wit\] with credential: wit/]],
  ],
  [
    'the proof beside an access token, where a draft has the proof in its place',
    { issuers: `${corp}, ${spire}`, ...rule('binding: [wit]') },
    [['rules[0].require.binding', /cannot be wit: the token is in Authorization/]],
  ],
  [
    'the proof beside an access token without an issuer of WITs',
    {
      issuers: corp,
      wit: 'wit: {audiences: [orders], drafts: [wpt-01]}',
      ...rule('binding: [wit]'),
    },
    [['rules[0].require.binding', /needs an issuer with accept: wit/]],
  ],
  [
    'the proof beside a client assertion',
    {
      issuers: `${corp}, ${spire}`,
      wit: 'wit: {audiences: [orders], drafts: [wpt-01]}',
      ...rule('credential: client-assertion, binding: [wit]'),
    },
    [['rules[0].require.binding', /cannot be wit with credential: client-assertion/]],
  ],
  [
    'an issuer of no trust domain',
    { issuers: `spire: {accept: wit, jwks: ${jwks}}` },
    [['issuers.spire.trustDomain', /is missing: set the trust domain/]],
  ],
  [
    'two issuers of one trust domain',
    { issuers: `${spire}, again: {accept: wit, trustDomain: cluster.local, jwks: ${jwks}}` },
    [['issuers.again.trustDomain', /is also the trust domain of spire/]],
  ],
  [
    'settings that weaken a WIT',
    {
      issuers: `spire: {accept: wit, trustDomain: cluster.local, jwks: ${jwks}, allowInsecureNoExpiry: true, allowInsecureNoAudience: true}`,
    },
    [
      ['issuers.spire.allowInsecureNoExpiry', /cannot be combined with accept: wit/],
      ['issuers.spire.allowInsecureNoAudience', /cannot be combined with accept: wit/],
    ],
  ],
  [
    'a cluster',
    {
      issuers:
        'spire: {accept: wit, trustDomain: cluster.local, kubernetes: {verify: jwks, apiServer: "https://10.0.0.1"}}',
    },
    [
      ['issuers.spire.kubernetes', /cannot be combined with accept: wit/],
      ['issuers.spire.kubernetes.tokenFile', /cannot be read/],
    ],
  ],
  [
    'a lifetime that is no lifetime of a proof',
    { wit: 'wit: {audiences: [orders], lifetime: 2h}' },
    [['wit.lifetime', /must not be longer than 1h/]],
  ],
  [
    'a Host in capitals',
    { wit: 'wit: {origins: {Orders.example.com: "https://orders.example.com"}}' },
    [['wit.origins.Orders.example.com', /must be a Host in lower case/]],
  ],
  [
    'an origin with a slash at its end',
    { wit: 'wit: {origins: {orders.example.com: "https://orders.example.com/"}}' },
    [['wit.origins.orders.example.com', /without a slash at its end/]],
  ],
  [
    'a draft that is not spoken',
    { wit: 'wit: {audiences: [orders], drafts: [wpt-00]}' },
    [['wit.drafts[0]', /wpt-02/]],
  ],
];
for (const [title, parts, expected] of mistakes)
  test(`wit – refuses ${title}`, (t) => {
    const problems = problemsOf(config(parts)).map(({ key, message }) => [key, message] as const);
    for (const [key, message] of expected)
      t.true(
        problems.some(([at, text]) => at === key && message.test(text)),
        JSON.stringify(problems),
      );
    t.is(problems.length, expected.length, JSON.stringify(problems));
  });
