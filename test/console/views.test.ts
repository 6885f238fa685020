import test from 'ava';
import { stringify } from 'yaml';
import { needsAttention } from '../../src/console/attention.ts';
import {
  combineIssuers,
  combineLimits,
  combineRules,
  combineSamples,
  quantile,
} from '../../src/console/combine.ts';
import { limitViews } from '../../src/console/limit-views.ts';
import { maskedConfiguration } from '../../src/console/masked-configuration.ts';
import type { RuleCount } from '../../src/operate/tally.ts';
import type { LimitState, ProcessView } from '../../src/serve/console-source.ts';
import { rules, startConsole } from '../support/console-world.ts';
import { configText } from '../support/peerproof.ts';

const configuration = {
  ...{ file: 'x.yaml', version: 'v', loadedAt: 0, isOfFile: true, refused: [] },
  sentence: 'The running configuration is the one in the file.',
};
const calm = {
  processes: [{ tooBusy: undefined }],
  issuers: [],
  bundles: [],
  configuration,
  limits: [],
  rules: [],
  now: 0,
};
const count = (rule: string, allowed: number, refused: number, more: Partial<RuleCount> = {}): RuleCount => ({
  ...{
    rule,
    allowed,
    refused,
    lastHit: 1,
    lastRefusal: refused > 0 ? 1 : 0,
    reasons: refused > 0 ? { no_rule: refused } : {},
  },
  ...more,
});

test('console attention – nothing, while all is well', (t) => {
  t.deepEqual(needsAttention(calm), []);
  t.deepEqual(needsAttention({ ...calm, rules: [count('orders', 1_000, 50)] }), []);
});

test('console attention – the worst comes first, each with its place', (t) => {
  const issuer = { iss: '', keyAge: 1, maxKeyAge: 1, isAsked: false };
  const limit = { used: 9, limit: 10, unit: 'checks' } as const;
  const list = needsAttention({
    processes: [{ tooBusy: 'the event loop is delayed by 2000 ms' }],
    issuers: [
      { ...issuer, name: 'corp', isUp: false, downSince: 5, failure: 'refused' },
      { ...issuer, name: 'well', isUp: true, downSince: undefined, failure: undefined },
    ],
    bundles: [{ trustDomain: 'x.example', authorities: 1, age: 1, failure: 'ENOENT' }],
    configuration: { ...configuration, isOfFile: false, sentence: 'The file differs.' },
    limits: [
      { ...limit, name: 'Log queue', state: 'Near' },
      { ...limit, name: 'Event loop delay', state: 'Reached' },
      { ...limit, name: 'Cache of tokens', state: 'Near' },
    ],
    rules: [count('orders', 5, 15, { reasons: { token_expired: 11, token_missing: 4 } }), count('', 0, 10)],
    now: 60_000,
  });
  t.deepEqual(
    list.map(({ section, text }) => `${section}: ${text}`),
    [
      'overview: The service is too busy: the event loop is delayed by 2000 ms.',
      'limits: Event loop delay: the limit is reached.',
      'issuers: The issuer corp is down: refused.',
      'issuers: The bundle of x.example is not fresh: ENOENT.',
      'configuration: The file differs.',
      'limits: Log queue: the limit is near.',
      'rules: The rule orders refuses most: 15 of 20 requests, most often for token_expired.',
    ],
  );
  t.is(list[2]?.since, 5);
});

test('console attention – refusals of an hour ago are no problem of now', (t) => {
  t.deepEqual(needsAttention({ ...calm, rules: [count('orders', 0, 100)], now: 3_600_000 }), []);
});

test('console limits – near from 80 %, reached at the limit, and a cache that is off is fine', (t) => {
  const states = ([used, limit]: [number, number | undefined]) =>
    limitViews([{ name: 'x', used, limit, unit: 'checks' }])[0]?.state;
  const cases: [number, number | undefined][] = [
    [79, 100],
    [80, 100],
    [99, 100],
    [100, 100],
    [7, undefined],
    [0, 0],
  ];
  t.deepEqual(cases.map(states), ['OK', 'Near', 'Near', 'Reached', 'OK', 'OK']);
});

test('console – several processes are shown as one', (t) => {
  const limit = (used: number): LimitState => ({ name: 'Log queue', used, limit: 10, unit: 'bytes' });
  const sample = (at: number, allow: number) => ({
    at,
    allow,
    deny: 1,
    unavailable: 0,
    answer: 0,
    buckets: [allow, 1],
  });
  const view = (more: object) =>
    ({ issuers: [], bundles: [], limits: [], samples: [], rules: [], ...more }) as unknown as ProcessView;
  const issuer = { issuer: 'corp', keyAge: 5 };
  const views = [
    view({
      limits: [limit(3)],
      samples: [sample(5, 2), sample(10, 3)],
      rules: [count('a', 1, 2)],
      issuers: [issuer],
    }),
    view({
      limits: [limit(7)],
      samples: [sample(10, 4)],
      rules: [count('a', 10, 1, { lastHit: 9 }), count('b', 1, 0)],
      issuers: [{ ...issuer, failingSince: 8 }],
    }),
  ];
  t.deepEqual(combineLimits(views), [limit(7)]);
  t.deepEqual(combineSamples(views), [
    sample(5, 2),
    { at: 10, allow: 7, deny: 2, unavailable: 0, answer: 0, buckets: [7, 2] },
  ]);
  const [a, b] = combineRules(views);
  t.like(a, { rule: 'a', allowed: 11, refused: 3, lastHit: 9, reasons: { no_rule: 3 } });
  t.like(b, { rule: 'b', allowed: 1 });
  t.is(combineIssuers(views)[0]?.failingSince, 8);
});

test('console – the time of the slowest hundredth is the bound of its bucket', (t) => {
  t.is(quantile({ buckets: [0, 0] }, 0.99), undefined);
  t.is(quantile({ buckets: [99, 1] }, 0.99), 0.00005);
  t.is(quantile({ buckets: [98, 2] }, 0.99), 0.0001);
  t.is(quantile({ buckets: [...Array(13).fill(0), 1] }, 0.99), Number.POSITIVE_INFINITY);
});

test('console configuration – secrets are masked, and comments are left out', (t) => {
  const jwk = { kty: 'EC', x: 'public-x', d: 'private-d' };
  const text = `# the old password was hunter2\n${stringify({
    jwks: { keys: [jwk, { kty: 'oct', k: 'shared-k' }] },
    url: 'https://user:pass-word@login.example/keys?api_key=query-secret#x',
    pem: '-----BEGIN PRIVATE KEY-----\nprivate-pem\n-----END PRIVATE KEY-----',
    token: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.signature',
    when: "claims.key == 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJh.in-condition' || claims.u == 'http://a:b@in-authority@c/d?in-query'",
    clientSecretFile: '/run/secret',
  })}`;
  const { yaml } = maskedConfiguration(text, 'x.yaml');
  for (const secret of [
    'hunter2',
    'private-d',
    'shared-k',
    'pass-word',
    'query-secret',
    'private-pem',
    'signature',
    'in-condition',
    'in-authority',
    'in-query',
  ])
    t.false(yaml.includes(secret), secret);
  for (const plain of [
    'public-x',
    'https://…@login.example/keys?…',
    '/run/secret',
    'claims.key == ',
    "c/d?…'",
  ])
    t.true(yaml.includes(plain), plain);
});

test('console state – counts by rule, a refused file with its line, and the versions', async (t) => {
  const { read, check, reload } = await startConsole(t);
  for (let n = 0; n < 12; n++) await check('/orders/1');
  await check('/healthz');
  const before = await read('/console/api/state');
  t.is(before.state, 'Serving');
  t.true(before.configuration.isOfFile);
  t.is(before.configuration.sentence, 'The running configuration is the one in the file.');
  t.like(before.versions, { node: process.version });
  t.regex(
    before.attention[0].text,
    /^The rule orders refuses most: 12 of 12 requests, most often for token_missing/,
  );
  const { rules: rows, reasons } = await read('/console/api/rules');
  t.like(rows[0], { rule: 'orders', allowed: 0, refused: 12, reason: 'token_missing' });
  t.like(rows[1], { rule: 'health', allowed: 1, refused: 0, reason: '' });
  t.deepEqual(reasons, [['token_missing', 12]]);
  t.is((await read('/console/api/rules?filter=HEAL')).matching, 1);
  await reload(configText({ rules: [{ ...rules[0]!, name: 'other' }, { name: 'wrong' }] }));
  const after = await read('/console/api/state');
  t.false(after.configuration.isOfFile);
  t.regex(after.configuration.refused[0], /^test\.yaml:\d+: rules\[1\]/);
  t.regex(after.attention[0].text, /^The file differs from the running configuration: it is refused/);
  t.true((await read('/console/api/configuration')).yaml.includes('name: orders'));
});
