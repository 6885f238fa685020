import test from 'ava';
import { parseConfig, restoreConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { noncesOf } from '../../src/serve/proof-settings.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

const text = (dpop: string) => goodConfig({ more: `dpop: ${dpop}` });

test('dpop – has bounds without any setting, and asks for no nonce', (t) => {
  t.deepEqual(parseConfig(goodConfig(), 'x').config.dpop, {
    origins: {},
    algorithms: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
    maxAge: 60_000,
    clockSkew: 30_000,
  });
  t.deepEqual(parseConfig(text('{nonce: {}}'), 'x').config.dpop.nonce, { lifetime: 300_000 });
});

const wrong: Readonly<Record<string, readonly [dpop: string, key: string, message: RegExp]>> = {
  'a symmetric algorithm': ['{algorithms: [HS256]}', 'dpop.algorithms[0]', /must be one of/],
  'no algorithm': ['{algorithms: []}', 'dpop.algorithms', /1/],
  'proofs for an hour': ['{maxAge: 1h}', 'dpop.maxAge', /from 1s to 10m/],
  'proofs for no time': ['{maxAge: 0s}', 'dpop.maxAge', /from 1s to 10m/],
  'a clock that is an hour off': ['{clockSkew: 1h}', 'dpop.clockSkew', /at most 5m/],
  'nonces for a moment': ['{nonce: {lifetime: 1s}}', 'dpop.nonce.lifetime', /from 10s to 1h/],
  'a Host in capitals': [
    '{origins: {Orders.internal: "https://a"}}',
    'dpop.origins.Orders.internal',
    /lower case/,
  ],
  'a Host that is an address': ['{origins: {"https://a": "https://a"}}', 'dpop.origins.https://a', /Host/],
  'an origin without a scheme': [
    '{origins: {a: api.example.com}}',
    'dpop.origins.a',
    /http or https address/,
  ],
  'an origin with a query': ['{origins: {a: "https://a?b"}}', 'dpop.origins.a', /without query/],
  'an origin that ends with a slash': ['{origins: {a: "https://a/"}}', 'dpop.origins.a', /slash at its end/],
  'an origin with a user': ['{origins: {a: "https://b@a"}}', 'dpop.origins.a', /http or https address/],
  'a key that is missing': ['{nonce: {keyFile: missing}}', 'dpop.nonce.keyFile', /cannot be read/],
};
for (const [name, [dpop, key, message]] of Object.entries(wrong))
  test(`dpop – ${name} is refused`, (t) => {
    const [problem] = problemsOf(text(dpop));
    t.is(problem?.key, key);
    t.regex(problem?.message ?? '', message);
  });

test('dpop – a client assertion is never bound to a key', (t) => {
  const rules = '- {name: token, require: {credential: client-assertion, binding: [workload, dpop]}}';
  const [problem] = problemsOf(goodConfig({ rules }));
  t.is(problem?.key, 'rules[0].require.binding');
  t.regex(problem?.message ?? '', /cannot be dpop: a client assertion is not bound to a key/);
});

test('dpop – a rule that accepts nothing else needs neither peers nor trust domains', (t) => {
  const rules = '- {name: keyed, require: {issuers: [corp], binding: [dpop]}}';
  t.deepEqual(
    problemsOf(goodConfig({ rules }).replace('trustDomains: {cluster.local: {}}', 'clockSkew: 1s')),
    [],
  );
});

/** The same configuration with this key file. */
const withKey = (key: string) =>
  restoreConfig({ file: 'x', text: text('{nonce: {keyFile: key}}'), files: new Map([['key', key]]) });
const [first, second] = ['a'.repeat(40), 'b'.repeat(40)];

test('dpop – a key file must hold keys, and is not quoted', (t) => {
  t.notThrows(() => withKey(`${first}\n${second}\n`));
  for (const content of ['', 'secret', `${first}\nsecret`]) {
    const error = t.throws(() => withKey(content), { instanceOf: ConfigError });
    t.is(error?.problems[0]?.key, 'dpop.nonce.keyFile');
    t.notRegex(error?.problems[0]?.message ?? '', /secret/);
  }
});

test('dpop – a key that was replaced is another configuration, and its nonces stay good for a while', (t) => {
  const [before, after] = [withKey(first), withKey(second)];
  t.not(before.version, after.version);
  const now = 1_000_000_000;
  const old = noncesOf(before.config, { files: before.files, now }, undefined);
  const fresh = noncesOf(after.config, { files: after.files, now }, old);
  const nonce = old?.current(now) ?? '';
  t.truthy(fresh?.holdsUntil(nonce, now));
  t.not(fresh?.current(now), nonce);
  t.is(fresh?.holdsUntil(nonce, now + 600_000), undefined);
  t.is(noncesOf(parseConfig(goodConfig(), 'x').config, { files: new Map(), now }, old), undefined);
});
