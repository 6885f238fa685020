import { hash } from 'node:crypto';
import v8 from 'node:v8';
import vm from 'node:vm';
import test from 'ava';
import { UsedMemory } from '../../../src/core/used/used-memory.ts';
import { NOW } from '../../support/check-world.ts';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** Just after a map has grown, a proof takes the most. */
for (const [title, proofs, owners] of [
  ['each with an owner of its own', 34_000, 34_000],
  ['all of one owner', 34_000, 1],
] as const)
  test.serial(`used memory – ${proofs} proofs, ${title}, take no more than is counted`, (t) => {
    const memory = new UsedMemory(() => 1_000_000_000);
    for (let round = 0; round < 3; round++) collect();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < proofs; n++) {
      const id = hash('sha256', `proof ${n}`, 'base64url');
      const owner = hash('sha256', `owner ${n % owners}`, 'base64url');
      memory.use({ id, until: NOW + 1_000 + (n % 300) * 1_000 }, owner, { now: NOW, deadline: NOW });
    }
    for (let round = 0; round < 3; round++) collect();
    const taken = process.memoryUsage().heapUsed - before;
    const { size, bytes } = memory.state();
    t.is(size, proofs);
    t.true(taken < bytes, `${taken / size} bytes each`);
  });
