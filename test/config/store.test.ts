import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

const text = (store: string) => goodConfig({ more: `store: ${store}` });
const local = 'address: 127.0.0.1:6379';
const far = 'address: redis.example.com:6379';

test('store – is off by default, and refuses during an outage when it is on', (t) => {
  t.is(parseConfig(goodConfig(), 'x').config.store, undefined);
  const { config, warnings } = parseConfig(text(`{redis: {${local}}}`), 'x');
  t.deepEqual(config.store, {
    redis: {
      address: { host: '127.0.0.1', port: 6379 },
      ...{ database: 0, prefix: 'peerproof:', timeout: 250, allowInsecurePlaintext: false },
    },
    onOutage: 'refuse',
  });
  t.deepEqual(warnings, []);
});

test('store – an address has the usual port by default, and may be IPv6', (t) => {
  const addressOf = (written: string) =>
    parseConfig(text(`{redis: {address: '${written}', tls: {}}}`), 'x').config.store?.redis.address;
  t.deepEqual(addressOf('redis'), { host: 'redis', port: 6379 });
  t.deepEqual(addressOf('[2001:db8::1]:7000'), { host: '2001:db8::1', port: 7000 });
  t.deepEqual(addressOf('[::1]'), { host: '::1', port: 6379 });
});

test('store – what weakens it is named', (t) => {
  const warningsOf = (store: string) => parseConfig(text(store), 'x').warnings.join('\n');
  t.regex(warningsOf(`{redis: {${local}}, onOutage: allowReplays}`), /onOutage.*accepted once more/);
  t.regex(warningsOf(`{redis: {${far}, allowInsecurePlaintext: true}}`), /answer for it/);
  t.is(warningsOf(`{redis: {${far}, tls: {}}}`), '');
  t.is(warningsOf('{redis: {cluster: ["127.0.0.1:7000", "[::1]:7001"]}}'), '');
});

const wrong: Readonly<Record<string, readonly [store: string, key: string, message: RegExp]>> = {
  'no address': ['{redis: {}}', 'store.redis', /needs address, sentinel or cluster/],
  'two places': [`{redis: {${local}, cluster: [localhost]}}`, 'store.redis.cluster', /cannot be combined/],
  'another machine without TLS': [`{redis: {${far}}}`, 'store.redis.tls', /is missing/],
  'one far node among near ones': [
    '{redis: {cluster: [localhost, redis.example.com]}}',
    'store.redis.tls',
    /is missing/,
  ],
  'a far sentinel without TLS': [
    '{redis: {sentinel: {master: main, nodes: [sentinel]}}}',
    'store.redis.tls',
    /is missing/,
  ],
  'TLS and plaintext': [
    `{redis: {${far}, tls: {}, allowInsecurePlaintext: true}}`,
    'store.redis.allowInsecurePlaintext',
    /cannot be combined/,
  ],
  'a client certificate without its key': [
    `{redis: {${far}, tls: {certFile: a.pem}}}`,
    'store.redis.tls',
    /both/,
  ],
  'a user without a password': [
    `{redis: {${local}, user: a}}`,
    'store.redis.passwordFile',
    /needs a password/,
  ],
  'a password that is missing': [
    `{redis: {${local}, passwordFile: nowhere}}`,
    'store.redis.passwordFile',
    /cannot be read/,
  ],
  'a URL': ['{redis: {address: "redis://a:b@redis:6379"}}', 'store.redis.address', /host with a port/],
  'a port that is none': ['{redis: {address: "localhost:65536"}}', 'store.redis.address', /1 to 65535/],
  'a database of a cluster': [
    '{redis: {cluster: [localhost], database: 1}}',
    'store.redis.database',
    /must be 0/,
  ],
  'a prefix with a space': [`{redis: {${local}, prefix: "a b"}}`, 'store.redis.prefix', /printable/],
  'a check that waits long': [`{redis: {${local}, timeout: 6s}}`, 'store.redis.timeout', /at most 5s/],
  'an outage that is ignored': [`{redis: {${local}}, onOutage: allow}`, 'store.onOutage', /refuse/],
};

for (const [title, [store, key, message]] of Object.entries(wrong))
  test(`store – ${title}: refused`, (t) => {
    const problems = problemsOf(text(store));
    const found = problems.find((problem) => problem.key === key);
    t.regex(found?.message ?? JSON.stringify(problems), message);
  });
