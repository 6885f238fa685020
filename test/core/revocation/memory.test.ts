import test from 'ava';
import { weightOfRevocation } from '../../../src/core/revocation/revocation.ts';
import { Revocations } from '../../../src/core/revocation/revocations.ts';
import { readRevocation } from '../../../src/core/revocation/written.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { NOW } from '../../support/check-world.ts';
import { keptByEach } from '../../support/heap.ts';

test('memory – 100,000 revocations take no more heap than they are counted for', (t) => {
  const limits = { memory: 256 * 2 ** 20, maxStaleness: 1, onOutage: 'refuse' } as const;
  const revocations = new Revocations(() => limits);
  const texts = (index: number) => ({
    kind: 'jti',
    value: `${index}-0f8fad5b-d9cb-469f-a165-70867728950e`,
    issuer: 'corp',
    issuedBefore: new Date(NOW + index).toISOString(),
    until: new Date(NOW + 3_600_000 + index).toISOString(),
    by: `the command on host ${index}`,
  });
  const bytes = keptByEach(100_000, (index) => {
    const entry = readRevocation(JSON.parse(JSON.stringify(texts(index))));
    if (entry instanceof Malformed) throw new TypeError(entry.why);
    revocations.add(entry, NOW);
  });
  const counted = Math.round(revocations.bytes / revocations.count);
  t.log(`${bytes} bytes each, counted as ${counted}`);
  t.is(revocations.count, 100_001);
  t.true(bytes <= counted, `${bytes} > ${counted}`);
  t.true(bytes >= counted / 3, `${bytes} is far below ${counted}`);
});

test('memory – what is forgotten is counted out again', (t) => {
  const revocations = new Revocations(() => ({ memory: 1e6, maxStaleness: 1, onOutage: 'refuse' }));
  const entry = { kind: 'jti', value: 'one', until: NOW + 1_000, by: 'x' } as const;
  revocations.add(entry, NOW);
  t.is(revocations.bytes, weightOfRevocation(entry));
  revocations.add({ ...entry, by: 'somebody else' }, NOW);
  revocations.remove(entry);
  t.is(revocations.bytes, 0);
});
