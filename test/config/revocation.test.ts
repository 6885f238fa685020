import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
test.after.always(() => rmSync(folder, { recursive: true }));
const file = (name: string, text = '') => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const list = file('revocations.jsonl');
const token = file('token', 'secret\n');
const text = (revocation: string, more = '') => goodConfig({ more: `revocation: ${revocation}\n${more}` });
const idp = (more = '', audience = 'me') =>
  `{issuer: "https://idp.example.com", audience: ${audience}, speaksFor: [corp], tokenFile: ${token}${more}}`;
const events = 'listen: {events: "127.0.0.1:9006"}';
const pushing = (more = '') => `{file: ${list}, transmitters: {idp: ${idp(more)}}}`;

test('revocation – is off by default, and has bounds when it is on', (t) => {
  t.is(parseConfig(goodConfig(), 'x').config.revocation, undefined);
  t.deepEqual(parseConfig(text(`{file: ${list}}`), 'x').config.revocation, {
    ...{ file: list, keep: 86_400_000, memory: 67_108_864 },
    ...{ maxStaleness: 30_000, onOutage: 'refuse', transmitters: {} },
  });
});

const good: Readonly<Record<string, readonly [revocation: string, more?: string]>> = {
  'a store': ['{}', 'store: {redis: {address: "127.0.0.1:6379"}}'],
  'a transmitter that pushes': [pushing(), events],
  'a transmitter that is polled': [pushing(', poll: "https://idp.example.com/poll"')],
};
for (const [what, [revocation, more]] of Object.entries(good))
  test(`revocation – ${what} is right`, (t) => {
    t.deepEqual(problemsOf(text(revocation, more)), []);
  });

test('revocation – a file is as large as revocations may make it', (t) => {
  const entry = (at: number) =>
    `{"kind":"jti","value":"${at}${'x'.repeat(150)}","until":"2030-01-01T00:00:00Z"}\n`;
  const large = file('large.jsonl', Array.from({ length: 18_000 }, (_, at) => entry(at)).join(''));
  t.true(statSync(large).size > 3_500_000);
  t.deepEqual(problemsOf(text(`{file: ${large}}`)), []);
});

const wrong: Readonly<
  Record<string, readonly [revocation: string, key: string, message: RegExp, more?: string]>
> = {
  'no place': ['{}', 'revocation', /has no place for revocations: set store\.redis, or/],
  'a file that is missing': [`{file: ${folder}/none}`, 'revocation.file', /cannot be read \(ENOENT\)/],
  'a file that is none of revocations': [
    `{file: ${file('garbage.jsonl', '{"kind": "jti"}\n')}}`,
    'revocation.file',
    /garbage\.jsonl line 1: until must be a time/,
  ],
  'no memory': [`{file: ${list}, memory: 1000}`, 'revocation.memory', /at least 1Mi/],
  'a port for nobody': [`{file: ${list}}`, 'listen.events', /needs a transmitter that pushes/, events],
  'a port for transmitters that are polled': [
    pushing(', poll: "https://idp.example.com/poll"'),
    'listen.events',
    /needs a transmitter that pushes/,
    events,
  ],
  'no time to keep': [`{file: ${list}, keep: 1s}`, 'revocation.keep', /from 1m to 744h/],
  'a time to keep without end': [`{file: ${list}, keep: 745h}`, 'revocation.keep', /from 1m to 744h/],
  'an outage at once': [`{file: ${list}, maxStaleness: 2s}`, 'revocation.maxStaleness', /at least 3s/],
  'an unknown choice': [`{file: ${list}, onOutage: allow}`, 'revocation.onOutage', /refuse/],
  'a transmitter that cannot send': [
    pushing(),
    'revocation.transmitters.idp',
    /sends nothing: set listen\.events/,
  ],
  'a transmitter of an unknown issuer': [
    pushing().replace('[corp]', '[corq]'),
    'revocation.transmitters.idp.speaksFor[0]',
    /not a configured issuer: "corq".*corp/,
    events,
  ],
  'a transmitter that speaks for nobody': [
    pushing().replace('[corp]', '[]'),
    'revocation.transmitters.idp.speaksFor',
    /at least one issuer/,
    events,
  ],
  'keys over plain http': [
    pushing(', jwksUri: "http://idp.example.com/jwks"'),
    'revocation.transmitters.idp.jwksUri',
    /must be https/,
    events,
  ],
  'polls over plain http': [
    pushing(', poll: "http://idp.example.com/poll"'),
    'revocation.transmitters.idp.poll',
    /must be https/,
  ],
  'keys twice': [
    pushing(', jwksUri: "https://idp.example.com/jwks", jwks: {keys: []}'),
    'revocation.transmitters.idp.jwksUri',
    /cannot be combined with jwks/,
    events,
  ],
  'one transmitter twice': [
    `{file: ${list}, transmitters: {a: ${idp()}, b: ${idp()}}}`,
    'revocation.transmitters.b.issuer',
    /is also the issuer of a/,
    events,
  ],
  'an empty token': [
    pushing().replace(token, file('empty', '\n')),
    'revocation.transmitters.idp.tokenFile',
    /must hold one line/,
    events,
  ],
  'keys that are none': [
    pushing(', jwks: {keys: []}'),
    'revocation.transmitters.idp.jwks',
    /does not hold a key/,
    events,
  ],
  'tls without a port': [
    `{file: ${list}, tls: {certFile: ${token}, keyFile: ${token}}}`,
    'revocation.tls',
    /needs listen\.events/,
  ],
  'a certificate that is none': [
    `${pushing().slice(0, -1)}, tls: {certFile: ${token}, keyFile: ${token}}}`,
    'revocation.tls.certFile',
    /does not fit keyFile/,
    events,
  ],
};
for (const [what, [revocation, key, message, more]] of Object.entries(wrong))
  test(`revocation – ${what} is wrong`, (t) => {
    const problems = problemsOf(text(revocation, more));
    t.is(problems[0]?.key, key, JSON.stringify(problems));
    t.regex(problems[0]?.message ?? '', message);
  });

test('revocation – a port for events without transmitters is wrong', (t) => {
  t.regex(problemsOf(goodConfig({ more: events }))[0]?.message ?? '', /needs revocation\.transmitters/);
});

test('revocation – what weakens it is told', (t) => {
  const { weaknesses } = parseConfig(
    text(`${pushing().slice(0, -1)}, onOutage: useKnown}`, 'listen: {events: "0.0.0.0:9006"}'),
    'x',
  ) as unknown as { weaknesses: readonly { subject: string }[] };
  const subjects = (weaknesses ?? []).map(({ subject }) => subject);
  t.true(
    ['listen.events', 'revocation.onOutage'].every((one) => subjects.includes(one)),
    subjects.join(),
  );
});
