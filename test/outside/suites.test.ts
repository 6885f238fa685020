import test from 'ava';
import { outsideTest } from './outside-test.ts';
import { differences, type Exception, type Part } from './suite.ts';
import { suites } from './suites.ts';

/** How many cases there must be at the least, so that a file that is read wrongly does not pass by being empty. */
const least: Readonly<Record<string, number>> = {
  Wycheproof: 3_200,
  'x509-limbo': 194,
  JSONTestSuite: 1_100,
  'SPIFFE IDs of go-spiffe': 535,
};

for (const suite of suites)
  outsideTest(
    `${suite.name} – differs only where a reason is written down, and in all of these cases`,
    async (t) => {
      const parts = await suite.judge();
      const cases = parts.flatMap((part) => part.cases);
      t.true(cases.length >= (least[suite.name] ?? Number.POSITIVE_INFINITY));
      for (const verdict of ['accept', 'refuse'])
        t.true(
          cases.some(({ found }) => found === verdict),
          verdict,
        );
      t.deepEqual(differences(parts, suite.exceptions), { unexplained: [], outdated: [] });
    },
  );

test('suites – each exception has a reason of its own and names cases', (t) => {
  for (const { name, exceptions } of suites) {
    t.is(new Set(exceptions.map(({ why }) => why)).size, exceptions.length, name);
    for (const { why, ids } of exceptions) {
      t.true(why.length > 30, why);
      t.true(ids.length > 0, why);
    }
  }
});

const part = (...cases: Part['cases'][number][]): readonly Part[] => [{ what: 'a part', cases }];
const accepted: Exception = { found: 'accept', why: 'a reason', ids: ['a'] };

test('suite – an exception that is new, one that is over, and one that is there twice are all seen', (t) => {
  const wrong = { id: 'a', expected: 'refuse', found: 'accept' } as const;
  const right = { id: 'a', expected: 'accept', found: 'accept' } as const;
  t.deepEqual(differences(part(wrong), [accepted]), { unexplained: [], outdated: [] });
  t.deepEqual(differences(part(wrong), []), { unexplained: ['a: accept'], outdated: [] });
  t.deepEqual(differences(part(right), [accepted]), { unexplained: [], outdated: ['a: accept'] });
  t.deepEqual(differences(part(wrong), [accepted, accepted]), { unexplained: [], outdated: ['a: accept'] });
  t.deepEqual(differences(part(wrong, wrong), [accepted]), { unexplained: ['a: accept'], outdated: [] });
  t.deepEqual(differences(part(wrong), [{ ...accepted, found: 'refuse' }]), {
    unexplained: ['a: accept'],
    outdated: ['a: refuse'],
  });
});
