import test from 'ava';
import type { Revocation } from '../../../src/core/revocation/revocation.ts';
import { readRevocation, writeRevocation } from '../../../src/core/revocation/written.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { NOW } from '../../support/check-world.ts';

const end = '2030-01-15T13:00:00Z';
const good = { kind: 'subject', value: 'alice', until: end };

const entries: readonly Revocation[] = [
  { kind: 'jti', value: 't-1', issuer: undefined, issuedBefore: undefined, until: NOW, by: '' },
  { kind: 'subject', value: 'a "b"\n', issuer: 'corp', issuedBefore: NOW - 1, until: NOW, by: 'x' },
  { kind: 'all', value: '', issuer: 'corp', issuedBefore: NOW, until: NOW + 1, by: 'x' },
];
for (const entry of entries)
  test(`written – ${JSON.stringify(entry.kind)} is read as it was written`, (t) => {
    t.deepEqual(readRevocation(JSON.parse(JSON.stringify(writeRevocation(entry)))), entry);
  });

const wrong: [string, unknown, RegExp][] = [
  ['nothing', undefined, /not an object/],
  ['a list', [], /not an object/],
  ['an unknown member', { ...good, issued_before: end }, /unknown member: "issued_before"/],
  ['an unknown kind', { ...good, kind: 'user' }, /kind must be one of jti, subject/],
  ['no value', { ...good, value: undefined }, /value is missing/],
  ['an empty value', { ...good, value: '' }, /value is missing/],
  ['a value that is a number', { ...good, value: 1 }, /1 to 2048 characters/],
  ['a value that is too long', { ...good, value: 'x'.repeat(2_049) }, /1 to 2048 characters/],
  ['an empty issuer', { ...good, issuer: '' }, /name of an issuer/],
  ['an issuer with a line break', { ...good, issuer: 'a\nb' }, /name of an issuer/],
  ['a name that is too long', { ...good, by: 'x'.repeat(257) }, /at most 256/],
  ['no end', { ...good, until: undefined }, /until must be a time/],
  ['an end in seconds', { ...good, until: 1_900_000_000 }, /until must be a time/],
  ['an end without a zone', { ...good, until: '2030-01-15T13:00:00' }, /until must be a time/],
  ['an end that does not exist', { ...good, until: '2030-13-15T13:00:00Z' }, /until must be a time/],
  ['a time that is null', { ...good, issuedBefore: null }, /issuedBefore must be a time/],
  ['all with a value', { ...good, kind: 'all', issuedBefore: end }, /kind all has no value/],
  ['all without a time', { ...good, kind: 'all', value: undefined }, /kind all needs issuedBefore/],
];
for (const [what, value, why] of wrong)
  test(`written – ${what} is refused`, (t) => {
    const found = readRevocation(value);
    t.true(found instanceof Malformed);
    t.regex((found as Malformed).why, why);
  });
