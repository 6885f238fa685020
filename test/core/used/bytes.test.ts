import { hash } from 'node:crypto';
import test from 'ava';
import { UsedMemory } from '../../../src/core/used/used-memory.ts';
import { NOW } from '../../support/check-world.ts';
import { heapInUse } from '../../support/heap.ts';

/** Just after a map has grown, a proof takes the most. */
for (const [title, proofs, owners] of [
  ['each with an owner of its own', 34_000, 34_000],
  ['all of one owner', 34_000, 1],
] as const)
  test.serial(`used memory – ${proofs} proofs, ${title}, take no more than is counted`, (t) => {
    const memory = new UsedMemory(() => 1_000_000_000);
    const before = heapInUse();
    for (let n = 0; n < proofs; n++) {
      const id = hash('sha256', `proof ${n}`, 'base64url');
      const owner = hash('sha256', `owner ${n % owners}`, 'base64url');
      memory.use({ id, until: NOW + 1_000 + (n % 300) * 1_000 }, owner, { now: NOW, deadline: NOW });
    }
    const taken = heapInUse() - before;
    const { size, bytes } = memory.state();
    t.is(size, proofs);
    t.true(taken < bytes, `${taken / size} bytes each`);
  });
