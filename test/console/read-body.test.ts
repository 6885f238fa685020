import type { IncomingMessage } from 'node:http';
import test from 'ava';
import { readJsonBody } from '../../src/console/read-body.ts';

const most = 262_144;
const text = JSON.stringify({ token: 'x'.repeat(most - 12) });

/** A body in pieces, which all use the same memory: what is kept of them has to be copied. */
async function* pieces(body: string, size: number) {
  const memory = Buffer.alloc(size);
  for (let at = 0; at < body.length; at += size)
    yield memory.subarray(0, memory.write(body.slice(at, at + size)));
}

const read = (body: string, size: number) => readJsonBody(pieces(body, size) as unknown as IncomingMessage);

test('console body – many small pieces take no more memory than one that is large', async (t) => {
  t.is(text.length, most);
  t.deepEqual(await read(text, 1_000), JSON.parse(text));
  t.deepEqual(await read('{"a":"bc"}', 1), { a: 'bc' });
});

test('console body – one that is too long, or no object, is none', async (t) => {
  t.is(await read(`${text} `, 1_000), undefined);
  t.is(await read('[]', 2), undefined);
  t.is(await read('{', 1), undefined);
});
