import { parseJws } from '../../src/core/token/jws.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import type { Part, Suite, Verdict } from './suite.ts';
import { readVectors } from './vectors.ts';

interface Case {
  readonly name: string;
  readonly expected: Verdict | 'either';
  readonly base64: string;
}

const plainHeader = Buffer.from('{"alg":"ES256"}');
const plainPayload = Buffer.from('{}');

function verdict(header: Buffer, payload: Buffer): Verdict {
  const token = [header, payload, Buffer.alloc(64)].map((part) => part.toString('base64url')).join('.');
  return parseJws(token) instanceof Malformed ? 'refuse' : 'accept';
}

/** Header and claims must be objects, so a document counts as it is, and once more as the value of a member of one. */
const places: readonly [what: string, inObject: boolean, judge: (json: Buffer) => Verdict][] = [
  ['the header of a token', false, (json) => verdict(json, plainPayload)],
  ['the claims of a token', false, (json) => verdict(plainHeader, json)],
  ['a member of the header', true, (json) => verdict(member(json), plainPayload)],
  ['a claim', true, (json) => verdict(plainHeader, member(json))],
];

function member(json: Buffer): Buffer {
  return Buffer.concat([Buffer.from('{"x":'), json, Buffer.from('}')]);
}

/** What the suite wants of the document there: where an object is needed, another value is to be refused. */
function expectedOf({ expected }: Case, json: Buffer, inObject: boolean): Verdict | 'either' {
  return expected === 'accept' && !inObject && !/^\s*\{/.test(json.toString('latin1')) ? 'refuse' : expected;
}

function judge(): readonly Part[] {
  const suite = readVectors<readonly Case[]>('json-test-suite.json').map((one) => ({
    one,
    json: Buffer.from(one.base64, 'base64'),
  }));
  return places.map(([what, inObject, found]) => {
    const judged = suite.map(({ one, json }) => ({
      id: `${one.name}, ${what}`,
      expected: expectedOf(one, json, inObject),
      found: found(json),
    }));
    const free = judged.filter(({ expected }) => expected === 'either');
    const accepted = free.filter((one) => one.found === 'accept').length;
    return {
      what,
      cases: judged.flatMap(({ expected, ...one }) => (expected === 'either' ? [] : [{ expected, ...one }])),
      free: { accepted, refused: free.length - accepted },
    };
  });
}

export const jsonTestSuite: Suite = {
  name: 'JSONTestSuite',
  source: 'nst/JSONTestSuite (MIT)',
  judged:
    'header and claims of a token, by `parseJws`. There, a document that is not an object must be refused. So each document is also judged as the value of a member',
  judge: async () => judge(),
  exceptions: [],
};
