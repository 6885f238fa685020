import test from 'ava';
import { randomId } from '../../src/lib/uuid.ts';

const ids = Array.from({ length: 1_000 }, randomId);

test('random ID – has the form of a UUID of version 4', (t) => {
  for (const id of ids) t.regex(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('random ID – is another one each time, also when a new block of them is made', (t) => {
  t.is(new Set(ids).size, ids.length);
  // Another block has other random bytes in each of its places.
  t.is(new Set(ids.map((id) => id.slice(0, 13))).size, ids.length);
});
