import type { Decision } from '../core/decision.ts';
import type { Identity } from '../core/identity/identity.ts';
import { type AnswerStyle, httpAnswerOf } from './check-response.ts';
import { PreparedAnswer } from './transport/prepared-answer.ts';
import type { HttpAnswer } from './transport/server.ts';

/**
 * Writes the answers to one kind of check. Those to the same token, rule and peer are the same, so they are
 * prepared once. They are kept for as long as the identity that they carry.
 */
export class Answers {
  readonly #style: AnswerStyle;
  readonly #prepared = new WeakMap<Identity, PreparedAnswer>();

  constructor(style: AnswerStyle) {
    this.#style = style;
  }

  to(decision: Decision): HttpAnswer {
    if (decision.effect !== 'allow' || !decision.identity.isKept) return httpAnswerOf(decision, this.#style);
    const { identity } = decision;
    const known = this.#prepared.get(identity);
    if (known) return known;
    const prepared = new PreparedAnswer(httpAnswerOf(decision, this.#style));
    this.#prepared.set(identity, prepared);
    return prepared;
  }
}
