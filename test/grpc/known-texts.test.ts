import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { knownText } from '../../src/grpc/known-texts.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { waitFor } from '../support/wait.ts';

v8.setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const random = seededRandom(16);

/** Reads a text out of the middle of other bytes. */
function read(text: string | Buffer): string {
  const bytes = Buffer.from(text);
  return knownText(Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]), 1, 1 + bytes.length);
}

for (const length of [1, 2, 63, 64, 65, 1_000, 4_096, 4_097])
  test(`known text – ${length} bytes: its own text, beside texts that differ in one byte`, (t) => {
    const first = 'a'.repeat(length);
    for (let n = 0; n < 500; n++) {
      const at = random.integer(length);
      const other = `${first.slice(0, at)}b${first.slice(at + 1)}`;
      // Each of them wants the place of the other one in turn, if no byte of the sample differs.
      for (const text of [first, first, ...Array(9).fill(other), first, other]) t.is(read(text), text);
    }
  });

const others: [string, Buffer, string][] = [
  ['no bytes', Buffer.alloc(0), ''],
  ['bytes beyond ASCII', Buffer.from('spiffe://é'), 'spiffe://é'],
  ['bytes that are not UTF-8', Buffer.from('a\xff', 'latin1'), 'a\ufffd'],
  ['long bytes that are not UTF-8', Buffer.alloc(100, 0xff), '\ufffd'.repeat(100)],
];
for (const [title, bytes, text] of others)
  test(`known text – ${title}: as UTF-8, each time`, (t) => {
    t.deepEqual([read(bytes), read(bytes)], [text, text]);
  });

test('known text – many long texts: keeps no more than 512 of 4 KiB', async (t) => {
  for (let n = 0; n < 2_000; n++) read(`${n} `.repeat(2_000).slice(0, 4_096));
  const most = 512 * 4_096;
  // V8 gives the memory back in the background.
  const kept = await waitFor('the garbage to be collected', 5_000, () => {
    collect();
    const { arrayBuffers } = process.memoryUsage();
    return arrayBuffers < 1.5 * most && arrayBuffers;
  });
  t.true(kept > most / 2, `${kept} bytes`);
});
