import test from 'ava';
import { isReadOnce, takeFingerprint } from '../../src/sources/fingerprint.ts';

/** Places of settings that name files, and whether the configuration itself reads them. */
const places: readonly (readonly [boolean, ...string[]])[] = [
  [false, 'issuers', 'corp', 'jwks'],
  [false, 'issuers', 'corp', 'keys'],
  [false, 'issuers', 'keys', 'keys'],
  [false, 'issuers', 'corp', 'kubernetes', 'tokenFile'],
  [false, 'peers', 'trustDomains', 'cluster.local', 'bundle'],
  [true, 'issuers', 'corp', 'ca'],
  [true, 'issuers', 'keys', 'ca'],
  [true, 'issuers', 'corp', 'kubernetes', 'ca'],
  [true, 'issuers', 'corp', 'introspection', 'clientSecretFile'],
  [true, 'peers', 'trustDomains', 'bundle', 'ca'],
  [true, 'telemetry', 'headerFiles', 'authorization'],
  [true, 'telemetry', 'headerFiles', 'keys'],
  [true, 'telemetry', 'headerFiles', 'jwks'],
  [true, 'telemetry', 'headerFiles', 'bundle'],
];

for (const [expected, ...place] of places)
  test(`fingerprint – the file of ${place.join('.')} is ${expected ? 'a part of' : 'watched beside'} the configuration`, (t) => {
    t.is(isReadOnce(place), expected);
    const name = place.at(-1) ?? '';
    const take = (content: string) =>
      takeFingerprint({ [name]: 'a.pem' }, place.slice(0, -1), new Map([['a.pem', content]]));
    t.is(take('one') !== take('two'), expected);
  });

test('fingerprint – two sources differ by each setting, and by the name of a file without a content', (t) => {
  const take = (settings: unknown) => takeFingerprint(settings, ['telemetry'], new Map());
  const different = [
    { a: 1 },
    { a: 2 },
    { b: 1 },
    { a: [1] },
    { a: { b: 1 } },
    { a: 'x' },
    { a: 'y' },
    undefined,
  ];
  t.is(new Set(different.map(take)).size, different.length);
  t.is(take({ a: 'x', b: 'y' }), take({ a: 'x', b: 'y' }));
});
