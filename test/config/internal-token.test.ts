import { chmodSync } from 'node:fs';
import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { problemLine } from '../../src/config/problem.ts';
import { findReadableKeys } from '../../src/config/readable-keys.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';
import { pemKey, writeFiles } from '../support/internal-token.ts';

const cleanups: (() => void)[] = [];
test.after.always(() => {
  for (const end of cleanups) end();
});
const [key = '', broken = ''] = writeFiles(
  { teardown: (end) => cleanups.push(end as () => void) },
  pemKey(),
  '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n',
);

const usual = `issuer: "https://p.example.com", keyFiles: [${key}]`;
const problems = (token: string, more = '') =>
  problemsOf(goodConfig({ more: `identity: {token: {${token}}}\n${more}` }), 'peerproof.yaml');

test('internal token – what need not be written', (t) => {
  const { identity } = parseConfig(goodConfig({ more: `identity: {token: {${usual}}}` }), 'x').config;
  t.deepEqual(identity.token, {
    ...{ format: 'jwt', issuer: 'https://p.example.com', keyFiles: [key] },
    ...{ lifetime: 60_000, signAfter: 900_000, audiences: {} },
  });
});

const wrong: [title: string, token: string, key: string, message: RegExp, more?: string][] = [
  ['no issuer', `keyFiles: [${key}]`, 'issuer', /is missing/],
  ['an issuer that is no URL', `issuer: peerproof, keyFiles: [${key}]`, 'issuer', /https URL/],
  ['no keys', 'issuer: "https://p.example.com"', 'keyFiles', /is missing/],
  ['an empty list of keys', 'issuer: "https://p.example.com", keyFiles: []', 'keyFiles', /at least one/],
  [
    'a file that is missing',
    `issuer: "https://p.example.com", keyFiles: [${key}, /nowhere/key.pem]`,
    'keyFiles[1]',
    /\/nowhere\/key\.pem cannot be read \(ENOENT\)/,
  ],
  [
    'a file that holds no key',
    `issuer: "https://p.example.com", keyFiles: [${key}, ${broken}]`,
    'keyFiles[1]',
    /key-1\.pem is not a private key in PEM, and not a JWK/,
  ],
  ['an unknown format', `${usual}, format: jws`, 'format', /jwt, txn-token/],
  ['a life of a second', `${usual}, lifetime: 1s`, 'lifetime', /from 5s to 1h/],
  ['a life of a day', `${usual}, lifetime: 24h`, 'lifetime', /from 5s to 1h/],
  ['a token that is sent after its end', `${usual}, reuse: 60s`, 'reuse', /shorter than lifetime/],
  ['Authorization', `${usual}, header: authorization`, 'header', /used for something else/],
  ['an identity header', `${usual}, header: x-spiffe-id`, 'header', /used for something else/],
  ['the host', `${usual}, header: host`, 'header', /used for something else/],
  ['that of another format', `${usual}, header: txn-token`, 'header', /used for something else/],
  ['a host in capitals', `${usual}, audiences: {Orders: x}`, 'audiences.Orders', /lower case/],
  ['an empty audience', `${usual}, audiences: {orders: ""}`, 'audiences.orders', /must not be empty/],
  ['a trust domain for one destination', `${usual}, trustDomain: cluster.local`, 'trustDomain', /only for/],
  ['a Transaction Token for nowhere', `${usual}, format: txn-token`, 'trustDomain', /is missing/],
  [
    'a Transaction Token for strangers',
    `${usual}, format: txn-token, trustDomain: other.example`,
    'trustDomain',
    /not in peers\.trustDomains/,
  ],
  [
    'a Transaction Token in another header',
    `${usual}, format: txn-token, trustDomain: cluster.local, header: x-a`,
    'header',
    /its own header/,
  ],
];
for (const [title, token, setting, message] of wrong)
  test(`internal token – ${title} is refused with file, line and key`, (t) => {
    const found = problems(token);
    const said = found.map(problemLine).join('\n');
    t.deepEqual(
      found.map((problem) => problem.key),
      [`identity.token.${setting}`],
      said,
    );
    t.is(found[0]?.line, 9);
    t.regex(said, message);
    t.false(said.includes('c2VjcmV0'));
  });

test('internal token – a header of a claim cannot have its name', (t) => {
  const text = goodConfig({
    more: `identity: {token: {${usual}}, headers: {x-peerproof-token: {claim: sub}}}`,
  });
  t.deepEqual(
    problemsOf(text).map((problem) => problem.key),
    ['identity.headers.x-peerproof-token'],
  );
});

test('internal token – a port for keys needs keys', (t) => {
  const text = goodConfig({ more: 'listen: {keys: 127.0.0.1:9005}' });
  t.deepEqual(
    problemsOf(text).map((problem) => problem.key),
    ['listen.keys'],
  );
});

test('internal token – a key that every user of the machine may read is a finding of validate', (t) => {
  const loaded = parseConfig(goodConfig({ more: `identity: {token: {${usual}}}` }), 'x');
  chmodSync(key, 0o640);
  t.deepEqual(findReadableKeys(loaded), []);
  chmodSync(key, 0o644);
  t.like(findReadableKeys(loaded)[0], { check: 'readable-key', path: ['identity', 'token', 'keyFiles', 0] });
  t.deepEqual(findReadableKeys({ ...loaded, resolve: () => '/nowhere/key.pem' }), []);
});
