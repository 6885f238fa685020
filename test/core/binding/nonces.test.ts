import test from 'ava';
import { parseNonceKeys, renewNonceKeys } from '../../../src/core/binding/nonce-keys.ts';
import { createNonces, type NonceKey } from '../../../src/core/binding/nonces.ts';
import { Malformed } from '../../../src/lib/malformed.ts';

const lifetime = 300_000;
const key = (letter: string, until = Number.POSITIVE_INFINITY): NonceKey => ({
  key: Buffer.from(letter.repeat(32)),
  until,
});
const start = 1_000 * lifetime;

test('nonces – one is accepted for at least a lifetime, and for two at most (RFC 9449 §8)', (t) => {
  const nonces = createNonces([key('a')], lifetime);
  for (const age of [0, 1, lifetime / 2, lifetime - 1]) {
    const now = start + age;
    const nonce = nonces.current(now);
    t.truthy(nonces.holdsUntil(nonce, now));
    t.truthy(nonces.holdsUntil(nonce, now + lifetime - 1));
    t.is(nonces.holdsUntil(nonce, now + 2 * lifetime), undefined);
    t.is(nonces.holdsUntil(nonce, now), start + 2 * lifetime);
  }
});

test('nonces – the same at every replica with the key, and changing', (t) => {
  const [one, other] = [createNonces([key('a')], lifetime), createNonces([key('a')], lifetime)];
  t.is(one.current(start), other.current(start + lifetime - 1));
  t.not(one.current(start), one.current(start + lifetime));
  t.regex(one.current(start), /^[\w-]{22}$/);
});

test('nonces – a replica whose clock is ahead makes one that is accepted', (t) => {
  const nonces = createNonces([key('a')], lifetime);
  const ahead = nonces.current(start + lifetime);
  t.truthy(nonces.holdsUntil(ahead, start + lifetime - 1));
  t.is(nonces.holdsUntil(nonces.current(start + 2 * lifetime), start), undefined);
});

test('nonces – those of another key, and texts that are none, are not accepted', (t) => {
  const nonces = createNonces([key('a')], lifetime);
  const { holdsUntil } = createNonces([key('b')], lifetime);
  t.is(holdsUntil(nonces.current(start), start), undefined);
  for (const text of ['', 'x', nonces.current(start).toLowerCase(), `${nonces.current(start)} `])
    t.is(nonces.holdsUntil(text, start), undefined);
});

test('nonces – the first key makes them, and those of all keys are accepted', (t) => {
  const both = createNonces([key('a'), key('b')], lifetime);
  t.is(both.current(start), createNonces([key('a')], lifetime).current(start));
  t.truthy(both.holdsUntil(createNonces([key('b')], lifetime).current(start), start));
});

test('nonces – a key that was replaced is accepted until its nonces would have expired', (t) => {
  const a = 'a'.repeat(32);
  const b = 'b'.repeat(32);
  const first = renewNonceKeys([a], [], { now: start, lifetime });
  const second = renewNonceKeys([b], first, { now: start, lifetime });
  const nonce = createNonces(first, lifetime).current(start);
  const nonces = createNonces(second, lifetime);
  t.truthy(nonces.holdsUntil(nonce, start));
  t.truthy(nonces.holdsUntil(nonce, start + lifetime));
  t.is(
    nonces.holdsUntil(createNonces(first, lifetime).current(start + 2 * lifetime), start + 2 * lifetime),
    undefined,
  );
  t.is(nonces.current(start), createNonces([key('b')], lifetime).current(start));
  // It does not come back, and it is not kept for ever.
  t.is(renewNonceKeys([b], second, { now: start + 2 * lifetime, lifetime }).length, 1);
  t.deepEqual(renewNonceKeys([b], second, { now: start + 1, lifetime }), second);
});

test('nonces – a file that changes all the time leaves few keys', (t) => {
  let keys: readonly NonceKey[] = [];
  for (let n = 0; n < 100; n++)
    keys = renewNonceKeys([String(n).padEnd(32, 'x')], keys, { now: start, lifetime });
  t.is(keys.length, 8);
  t.is(keys[0]?.key.toString(), '99'.padEnd(32, 'x'));
});

test('nonce keys – one to four lines of 32 characters', (t) => {
  const line = 'k'.repeat(32);
  t.deepEqual(parseNonceKeys(`${line}\n`), [line]);
  t.deepEqual(parseNonceKeys(`${line}\r\n\n${line}1\n`), [line, `${line}1`]);
  for (const text of ['', '\n', 'short', `${line}\nshort`, `${line}\n`.repeat(5)])
    t.true(parseNonceKeys(text) instanceof Malformed, JSON.stringify(text));
});
