import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseXfcc } from '../../../../src/core/peer/xfcc.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { type Target, target } from '../campaign.ts';
import { oddText } from '../odd.ts';
import { forwarded } from '../presented-parts.ts';

/** What is read can be written down again from its elements, and is read the same then. */
function readsForwarded(header: string): string {
  const elements = parseXfcc(header);
  if (elements instanceof Malformed) return elements.why.replace(/".*"/s, '…');
  assert.ok(elements.length > 0);
  const raw = elements.map((element) => element.raw).join(',');
  assert.equal(
    raw.length,
    header.length - (header.length - header.replace(/(^|,) +/g, '$1').length),
    'something was lost',
  );
  assert.deepEqual(parseXfcc(raw), elements);
  for (const { raw: one, by, uris, hash, cert, chain } of elements) {
    assert.ok(header.includes(one));
    const alone = parseXfcc(one);
    assert.ok(!(alone instanceof Malformed) && alone.length === 1, 'an element is not one element by itself');
    // What is not quoted stands there as it is.
    for (const value of [...by, ...uris, hash, cert, chain])
      assert.ok(
        value === undefined || one.replace(/\\(["\\])/g, '$1').includes(value),
        `${value} was made up`,
      );
  }
  return 'read';
}

const key = fc.constantFrom('By', 'uri', 'URI', 'DNS', 'Hash', 'Cert', 'CHAIN', 'subject');
/** What else there is does not come through a proxy as it is. */
const printable = oddText.map((text) => text.replace(/[^ -~]/g, '~'));
const value = fc.oneof(
  printable,
  fc.constantFrom('spiffe://a/b', 'a;URI=b', 'a,b', 'x="y"', '\\', '\\"', '=', ''),
);
interface Pair {
  readonly key: string;
  readonly value: string;
}
const once = ['hash', 'cert', 'chain', 'subject'];
const elements = fc.array(
  fc.array(fc.record({ key, value }), { minLength: 1, maxLength: 6 }).map((pairs) => {
    const seen = new Set<string>();
    return pairs.filter((pair) => {
      const name = pair.key.toLowerCase();
      if (once.includes(name) && seen.has(name)) return false;
      seen.add(name);
      return true;
    });
  }),
  { minLength: 1, maxLength: 4 },
);

const write = (pairs: readonly Pair[]): string =>
  pairs.map((pair) => `${pair.key}="${pair.value.replace(/["\\]/g, '\\$&')}"`).join(';');

/** What a proxy that quotes everything writes is read exactly, whatever stands in it. */
function readsWhatIsWritten(written: readonly (readonly Pair[])[]): string {
  const header = written.map(write).join(',');
  const read = parseXfcc(header);
  if (header.length > 65_536) {
    assert.ok(read instanceof Malformed);
    return 'too long';
  }
  assert.ok(!(read instanceof Malformed), read instanceof Malformed ? read.why : '');
  const values = (pairs: readonly Pair[], name: string) =>
    pairs.filter((pair) => pair.key.toLowerCase() === name).map((pair) => pair.value);
  assert.deepEqual(
    read.map(({ by, uris, hash, cert, chain }) => ({ by, uris, hash, cert, chain })),
    written.map((pairs) => ({
      by: values(pairs, 'by'),
      uris: values(pairs, 'uri'),
      hash: values(pairs, 'hash')[0],
      cert: values(pairs, 'cert')[0],
      chain: values(pairs, 'chain')[0],
    })),
  );
  return 'read';
}

export const forwardedTargets: readonly Target[] = [
  target({
    name: 'xfcc',
    inputs: fc.oneof({ weight: 4, arbitrary: forwarded }, { weight: 1, arbitrary: oddText }),
    hold: readsForwarded,
    reaches: ['read', 'a pair without =', 'a quote inside a value', 'text after a quoted value'],
  }),
  target({ name: 'xfcc-written', inputs: elements, hold: readsWhatIsWritten, reaches: ['read'] }),
];
