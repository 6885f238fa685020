import { DependencyError } from '../core/denial.ts';
import type { Moment } from '../core/evidence.ts';
import type { SingleUse, UsedProofs } from '../core/used/used-proofs.ts';
import { within } from '../lib/deadline.ts';
import type { UseAnswer, UseRequest } from './messages.ts';

/** Milliseconds. The primary does hardly anything else. */
const longestWait = 1_000;
/** Questions that may wait for the primary. */
const mostWaiting = 1_000;

/**
 * Asks the primary whether a proof was used, because each worker sees only some of the requests. The channel
 * keeps the order, and the primary answers each question in its turn, so of two equal ones one is the first.
 */
export function askPrimary(): UsedProofs {
  const waiting = new Map<number, PromiseWithResolvers<boolean>>();
  let asked = 0;
  process.on('message', ({ useAnswer, isFirst, failure }: Partial<UseAnswer>) => {
    if (useAnswer === undefined) return;
    const question = waiting.get(useAnswer);
    if (isFirst === undefined) question?.reject(unavailable(failure ?? 'the primary gave no answer'));
    else question?.resolve(isFirst);
  });
  return { use };

  async function use(once: SingleUse, owner: string, { now, deadline }: Moment): Promise<boolean> {
    if (waiting.size >= mostWaiting) throw unavailable(`${waiting.size} questions wait for the primary`);
    const question = Promise.withResolvers<boolean>();
    const number = ++asked;
    waiting.set(number, question);
    try {
      const request: UseRequest = { useRequest: number, once, owner, now };
      const isSent = (error: Error | null) => error && question.reject(unavailable(error.message));
      if (process.connected && process.send) process.send(request, undefined, undefined, isSent);
      else question.reject(unavailable('the primary is gone'));
      // The check may have waited for an issuer since it began.
      const patience = Math.min(longestWait, deadline - Date.now());
      return await within(question.promise, patience, () => unavailable('the primary did not answer'));
    } finally {
      waiting.delete(number);
    }
  }
}

/** The answer of the primary to one question. Never throws. */
export function answerUse({ useRequest, once, owner, now }: UseRequest, used: UsedProofs): UseAnswer {
  try {
    const isFirst = used.use(once, owner, { now, deadline: now });
    // A memory that must be waited for is none that the primary may have.
    if (typeof isFirst === 'boolean') return { useAnswer: useRequest, isFirst };
    return { useAnswer: useRequest, failure: 'the memory of the primary is elsewhere' };
  } catch (error) {
    return { useAnswer: useRequest, failure: (error as Error).message };
  }
}

function unavailable(why: string): DependencyError {
  return new DependencyError('store_unavailable', why, 1);
}
