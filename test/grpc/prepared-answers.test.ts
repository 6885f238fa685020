import test from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import { checkResponseOf } from '../../src/grpc/check-response.ts';
import { encodeCheckResponse } from '../../src/grpc/encode-response.ts';
import { PreparedAnswers } from '../../src/grpc/prepared-answers.ts';
import { allowOf, explained } from '../support/answers.ts';

const token = { subject: 'alice', iss: 'https://a.test', scopes: ['a', 'b'], claims: {} } as never;
const allow = allowOf({ token });
const identity = allow.effect === 'allow' ? { ...allow.identity, isKept: true } : undefined;
const allowWith = (id: string): Decision => ({ ...allow, id, identity }) as Decision;
const encoded = (decision: Decision) => encodeCheckResponse(checkResponseOf(decision, explained));
/** Without the room for the prefix. */
const message = (framed: Buffer) => Buffer.from(framed.subarray(5));

test('prepared answer – the bytes of the encoder, with the decision ID of each check', (t) => {
  const answers = new PreparedAnswers();
  for (const id of ['d-1', 'd-2', 'd-3', 'a longer one', 'd-4'])
    t.deepEqual(message(answers.frame(allowWith(id), explained)), encoded(allowWith(id)), id);
});

test('prepared answer – what the sender of an answer writes into it stays in that answer', (t) => {
  const answers = new PreparedAnswers();
  for (const id of ['d-1', 'd-2', 'd-3']) {
    const framed = answers.frame(allowWith(id), explained);
    t.deepEqual(message(framed), encoded(allowWith(id)), id);
    framed.fill(0xff);
  }
});

test('prepared answer – an identity of one check, and a refusal, are encoded each time', (t) => {
  const answers = new PreparedAnswers();
  t.deepEqual(message(answers.frame(allow, explained)), encoded(allow));
  const refusal: Decision = {
    id: 'd-5',
    found: {},
    effect: 'deny',
    reason: 'token_missing',
    detail: undefined,
  };
  t.deepEqual(message(answers.frame(refusal, explained)), encoded(refusal));
});
