import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { parseJws } from '../../../../src/core/token/jws.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { assembleJwt, encodePart } from '../../../support/jwt-signer.ts';
import { type Target, target } from '../campaign.ts';
import { mutatedJson } from '../mutate-json.ts';
import { mutatedText } from '../mutate-text.ts';
import { jsonText, oddJson } from '../odd.ts';
import { minted } from '../tokens.ts';

/** Unusual JSON segments: broken texts, duplicate names, bytes that are not UTF-8. */
const segment = fc.oneof(
  mutatedJson(fc.constant<unknown>({ alg: 'ES256', kid: 'a', typ: 'JWT' })).map(jsonText),
  oddJson.map(jsonText),
  mutatedText(fc.constant('{"alg":"ES256","iss":"https://a.example","aud":["orders"],"exp":1}'), {
    words: [
      '"alg":"none",',
      '{',
      '}',
      ',',
      '"',
      '\\u0000',
      '\\ud800',
      '\ufeff',
      ' ',
      '1e400',
      '__proto__',
      '[[[[[[[[',
    ],
  }),
);
const assembled = fc
  .tuple(segment, segment, fc.uint8Array({ minLength: 1, maxLength: 70 }))
  .map(([header, payload, signature]) => assembleJwt({ header, payload, signature }));
const texts = fc.oneof(
  { weight: 2, arbitrary: assembled },
  { weight: 2, arbitrary: minted.map(({ text }) => text) },
  { weight: 1, arbitrary: mutatedText(assembled, { words: ['.', '=', '-', '_', '+', '/', '\n', 'A'] }) },
);

/** What is read is what jose reads, and there is one spelling of it. */
function readsJws(text: string): string {
  const read = parseJws(text);
  if (read instanceof Malformed) return read.why.replace(/\d+/, '…');
  const { header, payload, signature, signingInput } = read;
  assert.deepEqual({ ...payload }, { ...decodeJwt(text) });
  assert.deepEqual({ ...header }, { ...decodeProtectedHeader(text) });
  assert.equal(`${signingInput.toString('latin1')}.${signature.toString('base64url')}`, text);
  const [first = '', second = ''] = text.split('.');
  for (const part of [first, second])
    assert.equal(encodePart(Buffer.from(part, 'base64url').toString('utf8')), part);
  return 'read';
}

export const jwsTarget: Target = target({
  name: 'jws',
  inputs: texts,
  hold: readsJws,
  reaches: ['read', 'the header is not JSON', 'the payload is not a JSON object', '… parts instead of three'],
});
