import test from 'ava';
import type { Decision } from '../../src/core/decision.ts';
import { Answers } from '../../src/http/answers.ts';
import { type AnswerStyle, httpAnswerOf } from '../../src/http/check-response.ts';
import { PreparedAnswer } from '../../src/http/transport/prepared-answer.ts';
import { allowOf, explained } from '../support/answers.ts';

const envoy: AnswerStyle = { refusals: explained, allows: { status: 200, body: '' }, forEnvoy: true };
const nginx: AnswerStyle = { refusals: explained, allows: { status: 202, body: '' }, forEnvoy: false };
const once = allowOf({ token: { subject: 'alice', claims: {}, scopes: ['a'] } as never });
const kept = {
  ...once,
  identity: { ...(once.effect === 'allow' && once.identity), isKept: true },
} as Decision;
const plain = ({ status, headers, body }: ReturnType<typeof httpAnswerOf>) => ({ status, headers, body });

test('HTTP answers – the answer of a kept identity is prepared once, and is that of the style', (t) => {
  for (const style of [envoy, nginx]) {
    const answers = new Answers(style);
    const first = answers.to(kept);
    t.true(first instanceof PreparedAnswer);
    t.deepEqual(plain(first), httpAnswerOf(kept, style));
    // Another check with the same identity.
    t.is(answers.to({ ...kept, id: 'd-2' }), first);
  }
});

test('HTTP answers – an identity of one check, and a refusal, are written each time', (t) => {
  const answers = new Answers(envoy);
  const base = { found: {}, effect: 'deny', reason: 'token_missing', detail: undefined } as const;
  for (const decision of [once, { ...base, id: 'd-3' }, { ...base, id: 'd-4' }]) {
    t.deepEqual(answers.to(decision), httpAnswerOf(decision, envoy));
    t.not(answers.to(decision), answers.to(decision));
  }
});
