import test from 'ava';
import { type ReasonName, reasons } from '../../src/core/reasons.ts';
import { hostileTable, tallies } from '../../tools/docs/hostile.ts';
import { casesOf, groups, named } from './corpus.ts';
import { attacked, attacks } from './proof-attacks.ts';

/** The corpus as a whole must be large and complete, and no two cases may have the same name. */

const stories = named(({ stories: list }) => list);
const http = named(({ http: list }) => list);
const all = [...casesOf(), ...stories, ...http];

test('corpus – there are at least 400 cases, and no two have the same title', (t) => {
  t.true(all.length >= 400, `${all.length} cases`);
  t.is(new Set(all.map(({ title }) => title)).size, all.length);
});

test('corpus – groups are numbered without a gap, and each kind of attack has a case and a source', (t) => {
  const numbers = groups.map(({ number }) => number);
  t.deepEqual(
    numbers.toSorted((a, b) => a - b),
    Array.from(numbers, (_, index) => index + 1),
  );
  t.true(numbers.length >= 17);
  for (const { number, items } of groups)
    for (const [words, { source, cases, stories: told, http: asked }] of Object.entries(items)) {
      const count = [cases, told, asked].reduce((sum, list) => sum + Object.keys(list ?? {}).length, 0);
      t.true(count > 0, `${number} ${words}: no case`);
      t.true(source.length > 3, `${number} ${words}: no source`);
    }
});

/** Known weaknesses of similar services, 2023 to 2026, by class. */
const classes = [
  // path and route confusion
  ...['CVE-2025-54576', 'CVE-2026-41059', 'CVE-2026-40575', 'CVE-2026-26205', 'GHSA-p224-6x5r-fjpm'],
  ...['CVE-2026-73553', 'Istio-2021-005', 'GHSA-p77j-4mvh-x3m3'],
  // header smuggling, trust
  ...[
    'CVE-2025-64484',
    'GHSA-vhr5-ggp3-qq85',
    'CVE-2023-27487',
    'CVE-2024-45806',
    'CVE-2026-26308',
    'CVE-2026-31838',
  ],
  // token and algorithm confusion
  ...[
    'CVE-2026-22817',
    'CVE-2023-48223',
    'CVE-2026-34950',
    'CVE-2026-29000',
    'CVE-2025-59420',
    'CVE-2024-47616',
  ],
  'CVE-2026-31837',
  // cache-key confusion
  'GHSA-4mq7-pvjg-xp2r',
  // encoding of claims and SANs
  ...['CVE-2026-40574', 'CVE-2025-66220', 'CVE-2026-47778'],
  // crash, denial of service, fail-open
  ...[
    'CVE-2026-48068',
    'CVE-2026-48069',
    'CVE-2024-37168',
    'CVE-2024-23324',
    'CVE-2025-25207',
    'CVE-2025-25208',
  ],
  ...['Authorino issue 649', 'CVE-2025-61920'],
  // disclosure
  ...['CVE-2024-39315', 'oauth2-proxy PR 1743', 'error details of Oathkeeper'],
];
for (const name of classes)
  test(`corpus – a case names ${name} as its source`, (t) => {
    t.true(all.some(({ title, source }) => `${title} ${source}`.includes(name)));
  });

/** Reasons that no single request causes: a bug, too many checks at once, a missing bundle, an incomplete message. */
const elsewhere: readonly ReasonName[] = [
  'internal_error',
  'overloaded',
  'bundle_unavailable',
  'check_incomplete',
];
const expected = new Set<ReasonName | undefined>([
  ...casesOf().flatMap(({ one }) => [one.reason, one.hash ?? undefined]),
  ...stories.flatMap(({ one }) => one.reasons),
  ...http.map(({ one }) => one.reason),
]);
for (const reason of (Object.keys(reasons) as ReasonName[]).filter((name) => !elsewhere.includes(name)))
  test(`corpus – an attack must be refused with ${reason}`, (t) => {
    t.true(expected.has(reason));
  });

test('corpus – a case that is not sent through Envoy says why', (t) => {
  for (const { title, one } of casesOf())
    if (one.envoy && 'cannot' in one.envoy) t.true(one.envoy.cannot.length > 10, title);
});

const told = new Map([
  ...casesOf().map(({ title, one }) => [title, one.reason] as const),
  ...stories.map(({ title, one }) => [title, one.reasons.at(-1)] as const),
]);
for (const { proof, attack, reason, title } of attacked())
  test(`corpus – ${proof}, ${attacks[attack]}: a case has ${reason}`, (t) => {
    t.is(told.get(title), reason, title);
  });

test('corpus – the table of docs/assurance.md counts every case', (t) => {
  t.is(
    tallies().reduce((sum, { cases }) => sum + cases, 0),
    all.length,
  );
  t.is(hostileTable().split('\n').length, groups.length + 3);
});
