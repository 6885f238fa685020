import { parseSpiffeId } from '../../src/core/peer/spiffe-id.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import type { Suite, Verdict } from './suite.ts';
import { readVectors } from './vectors.ts';

const found = (text: string): Verdict => (parseSpiffeId(text) instanceof Malformed ? 'refuse' : 'accept');

export const spiffeIds: Suite = {
  name: 'SPIFFE IDs of go-spiffe',
  source: 'the table of the ID test of spiffe/go-spiffe (Apache-2.0)',
  judged: '`parseSpiffeId`',
  judge: async () => {
    const { valid, invalid } = readVectors<Record<'valid' | 'invalid', readonly string[]>>('spiffe-ids.json');
    return [
      { what: 'valid', cases: valid.map((id) => ({ id, expected: 'accept', found: found(id) })) },
      { what: 'invalid', cases: invalid.map((id) => ({ id, expected: 'refuse', found: found(id) })) },
    ];
  },
  exceptions: [],
};
