import test from 'ava';
import { deliberateDifferences, parity, type What } from '../../tools/docs/oauth2-proxy.ts';
import { answers } from './answers.ts';
import { claims } from './claims.ts';
import { headers } from './headers.ts';
import { query } from './query.ts';
import { setup } from './setup.ts';
import { type Show, stopWorlds } from './world.ts';

/** A row without a test is an error of the types, and one at run time too. */
const shows: Readonly<Record<What, Show>> = { ...headers, ...claims, ...answers, ...query, ...setup };

test.after.always(() => stopWorlds());

for (const { what, same, peerproof } of parity) {
  const show = Object.hasOwn(shows, what) ? shows[what] : undefined;
  test(`oauth2-proxy – ${what} ${same ? '(the same)' : '(differs)'}: ${peerproof}`, async (t) => {
    if (!show) return t.fail(`no test shows: ${what}`);
    await show(t);
  });
}

test('oauth2-proxy – every row has one test, and every test a row', (t) => {
  const names = parity.map(({ what }) => what);
  t.is(new Set(names).size, names.length);
  t.deepEqual(Object.keys(shows).toSorted(), names.toSorted());
  t.true(parity.length >= 30);
});

test('oauth2-proxy – each difference says why, and nothing else does', (t) => {
  for (const { what, oauth2Proxy, peerproof, same, why } of parity) {
    t.is(same, oauth2Proxy === peerproof, what);
    t.is(same, why === '', what);
    for (const text of [what, oauth2Proxy, peerproof, why]) t.notRegex(text, /[\n\r]|^\s|\s$/, what);
  }
});

test('oauth2-proxy – the table of the documents has each difference once, and no bar breaks it', (t) => {
  const lines = deliberateDifferences().split('\n');
  t.is(lines.length, 2 + parity.filter(({ same }) => !same).length);
  for (const line of lines) t.is(line.replaceAll('\\|', '').split('|').length, 6, line);
  const odd = [{ what: 'a|b', oauth2Proxy: 'c', peerproof: 'd', same: false, why: 'e' }];
  t.is(deliberateDifferences(odd).split('\n').at(-1), '| a\\|b | c | d | e |');
});
