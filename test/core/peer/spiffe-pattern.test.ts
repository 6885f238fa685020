import test from 'ava';
import { matchesSpiffePattern, parseSpiffePattern } from '../../../src/core/peer/spiffe-id.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { pattern, spiffe } from './world.ts';

const td = 'spiffe://cluster.local';

const table: readonly [pattern: string, matched: readonly string[], not: readonly string[]][] = [
  [
    `${td}/ns/applications/sa/foo`,
    [`${td}/ns/applications/sa/foo`],
    [
      `${td}/ns/applications/sa/foobar`,
      `${td}/ns/applications/sa/fo`,
      `${td}/ns/applications/sa/Foo`,
      `${td}/ns/applications/sa/foo/bar`,
      `${td}/ns/applications/sa`,
      `${td}/ns/application/sa/foo`,
      'spiffe://cluster.local.evil/ns/applications/sa/foo',
      'spiffe://evil.cluster.local/ns/applications/sa/foo',
      'spiffe://cluster.loca/ns/applications/sa/foo',
      'spiffe://cluster-local/ns/applications/sa/foo',
    ],
  ],
  [
    `${td}/ns/applications/sa/*`,
    [`${td}/ns/applications/sa/foo`, `${td}/ns/applications/sa/foobar`],
    [
      `${td}/ns/applications/sa`,
      `${td}/ns/applications/sa/foo/bar`,
      `${td}/ns/applications2/sa/foo`,
      `${td}/ns/x/applications/sa/foo`,
      'spiffe://other/ns/applications/sa/foo',
    ],
  ],
  [
    `${td}/ns/*/sa/foo`,
    [`${td}/ns/a/sa/foo`],
    [`${td}/ns/a/b/sa/foo`, `${td}/ns/sa/foo`, `${td}/ns/a/sa/foobar`],
  ],
  [`${td}/**`, [td, `${td}/a`, `${td}/a/b/c`], ['spiffe://cluster.local.evil/a', 'spiffe://other']],
  [`${td}/ns/**`, [`${td}/ns`, `${td}/ns/a/sa/b`], [td, `${td}/nsx/a`, `${td}/x/ns/a`]],
  [`${td}/**/sa/foo`, [`${td}/sa/foo`, `${td}/ns/a/sa/foo`], [`${td}/ns/a/sa/foobar`, `${td}/xsa/foo`]],
  [`${td}/*`, [`${td}/a`], [td, `${td}/a/b`]],
  [td, [td], [`${td}/a`, 'spiffe://cluster']],
];
for (const [text, matched, not] of table)
  test(`SPIFFE pattern – ${text} matches only the listed IDs (attacks 9)`, (t) => {
    for (const id of matched) t.true(matchesSpiffePattern(pattern(text), spiffe(id)), `must match ${id}`);
    for (const id of not) t.false(matchesSpiffePattern(pattern(text), spiffe(id)), `must not match ${id}`);
  });

test('SPIFFE pattern – keeps its text, its trust domain and its segments (spiffe-id.ts)', (t) => {
  t.deepEqual(parseSpiffePattern(`${td}/ns/*/sa/**`), {
    text: `${td}/ns/*/sa/**`,
    trustDomain: 'cluster.local',
    path: ['ns', '*', 'sa', '**'],
  });
});

const segment = 'a path segment has other characters than a-z A-Z 0-9 . - _';
const domain = 'the trust domain has other characters than a-z 0-9 . - _';
for (const [text, why] of [
  ['spiffe://*/ns/a', 'the trust domain must be written out'],
  ['spiffe://**/ns/a', 'the trust domain must be written out'],
  ['spiffe://*', 'the trust domain must be written out'],
  ['spiffe://*.local/ns/a', domain],
  ['spiffe://cluster.*/ns/a', domain],
  ['spiffe://Cluster.local/ns/a', domain],
  [`${td}/ns/foo*`, segment],
  [`${td}/ns/*foo`, segment],
  [`${td}/ns/f*o`, segment],
  [`${td}/ns/***`, segment],
  [`${td}/ns/**x`, segment],
  [`${td}/ns/%2a`, segment],
  [`${td}/**/**`, '** follows **'],
  [`${td}/ns/**/**/x`, '** follows **'],
  [`${td}/`, 'an empty path segment or a trailing slash'],
  [`${td}/ns/*/`, 'an empty path segment or a trailing slash'],
  [`${td}/../*`, 'a path segment of dots'],
  ['*', 'does not start with spiffe://'],
  ['**', 'does not start with spiffe://'],
  ['cluster.local/ns/*', 'does not start with spiffe://'],
  ['', 'does not start with spiffe://'],
] as const)
  test(`SPIFFE pattern – refuses "${text}"`, (t) => {
    t.deepEqual(parseSpiffePattern(text), new Malformed(why));
  });
