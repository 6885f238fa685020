import test from 'ava';
import { parseXfcc, type XfccElement } from '../../../src/core/peer/xfcc.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { type SeededRandom, seededRandom } from '../../support/seeded-random.ts';
import { certs, ids } from './world.ts';

/** What the proxy appends, in each form that it has. A client controls only what stands before, and the comma is sure. */
const real = [
  `By=${ids.orders};Hash=${certs.evil.sha256Hex};Subject="";URI=${ids.evil}`,
  `Hash=${certs.evil.sha256Hex};Subject="";URI=${ids.evil}`,
  `By=${ids.orders};Hash=${certs.evil.sha256Hex};Subject="O=SPIRE,C=US";URI=${ids.evil}`,
  `By=${ids.orders};Hash=${certs.evil.sha256Hex};Cert="${certs.evil.urlEncodedPem}";Subject="CN=\\"a\\",O=b\\\\";URI=${ids.evil};DNS=a;DNS=b`,
  `By=${ids.orders};Hash=${certs.evil.sha256Hex};Subject="";URI=`,
  `By=${ids.orders};URI=${ids.evil}`,
];

function whole(header: string): readonly XfccElement[] {
  const elements = parseXfcc(header);
  if (elements instanceof Malformed) throw new Error(elements.why);
  return elements;
}

const forged = `Hash=${certs.victim.sha256Hex};Subject="";URI=${ids.victim}`;

/** First elements of a client that are well formed: they stay what they are, and the last is the proxy's. */
for (const [what, first] of [
  ['an element of the victim', forged],
  ['two elements of the victim', `${forged},${forged}`],
  ['an element in quotes', `By="${ids.orders},${forged.replaceAll('"', '\\"')}"`],
  ['an escaped quote at its end', 'By="a\\""'],
  ['an escaped backslash at its end', 'By="a\\\\"'],
  ['a bare backslash at its end', 'By=a\\'],
  ['an element with nothing', 'URI='],
  ['a value that ends with =', 'URI=a='],
] as const)
  test(`XFCC – a client's ${what} leaves the last element alone (only the last is proven)`, (t) => {
    for (const own of real) {
      const elements = whole(`${first},${own}`);
      t.deepEqual(elements.at(-1), whole(own)[0]);
      t.deepEqual(elements.slice(0, -1), whole(first));
    }
  });

/** First elements of a client that try to swallow the proxy's: never read at all. */
for (const [what, first] of [
  ['an open quote', 'By="'],
  ['an open quote in Subject', 'Subject="CN=a'],
  ['an open quote in Cert', 'Cert="-----BEGIN'],
  ['an open quote in URI, behind a forgery', `${forged};DNS="`],
  ['an open quote and an escape', 'By="a\\'],
  ['an open quote and an escaped one', 'By="a\\"'],
  ['an open quote after an element in quotes', 'By="a",Subject="'],
  ['an open quote after an escaped backslash', 'By="a\\\\\\"'],
  ['a quote inside a value', 'By=a"'],
  ['a quote inside a value, open', `URI=${ids.victim}";By="`],
  ['text behind a closed quote', 'By="a"b'],
  ['a semicolon at its end', `${forged};`],
  ['a key at its end', `${forged};By`],
  ['an open JSON list', '[{"by":"'],
  ['a comma at its end', `${forged},`],
  ['nothing', ''],
] as const)
  test(`XFCC – a client's ${what} before the last element is refused (attacks 8: quoting tricks)`, (t) => {
    for (const own of real) t.true(parseXfcc(`${first},${own}`) instanceof Malformed, own);
  });

const pieces = [
  ...',;="\\ ',
  '\\"',
  '\\\\',
  ',',
  ';',
  'By=',
  'Hash=',
  'hash=1',
  'URI=',
  'Subject="',
  'Subject=""',
  'Cert="',
  'DNS=a',
  `URI=${ids.victim}`,
  `Hash=${certs.victim.sha256Hex}`,
  forged,
  'a',
  '\t',
  '%22',
  '%2C',
  '{',
  '[',
  'é',
];
/** Between `least` and `most` picks. */
function list(random: SeededRandom, from: readonly string[], least: number, most: number): string[] {
  return Array.from({ length: least + random.integer(most - least + 1) }, () => random.pick(from));
}

const seed = 15_041;
test(`XFCC – 1,000 random prefixes never change what the last element says, seed ${seed} (attacks 8)`, (t) => {
  const random = seededRandom(seed);
  let read = 0;
  for (let n = 0; n < 1_000; n++) {
    // Half of them start from whole pairs, so that many are read and not only refused.
    const prefix =
      n % 2
        ? list(random, pieces, 0, 12).join('')
        : list(random, ['By=a', forged, 'URI="b,c"', 'DNS='], 1, 4).join(random.pick([',', ';']));
    for (const own of real) {
      const elements = parseXfcc(`${prefix},${own}`);
      if (elements instanceof Malformed) continue;
      read++;
      t.deepEqual(elements.at(-1), whole(own)[0], JSON.stringify(prefix));
      t.true(elements.length > 1, JSON.stringify(prefix));
    }
  }
  t.true(read > 500 && read < 5_500, `${read} of 6,000 were read`);
});
