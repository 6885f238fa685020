import type { Decision } from '../core/decision.ts';

/** The levels of a line, with the numbers of pino. */
export const levels = { info: 30, warn: 40, error: 50 } as const;

export type LogLevel = keyof typeof levels;
export const levelNames = Object.keys(levels) as LogLevel[];

/** What a line is about: an effect, or an allow that would be a refusal if it was not only observed. */
export type LineKind = Decision['effect'] | 'observed';

export function kindOf({ effect, reason }: Decision): LineKind {
  return reason === 'observed' ? reason : effect;
}

/** The level of a line about a decision. A denial is part of normal work. An outage or a bug is not. */
export const levelOf: Readonly<Record<LineKind, LogLevel>> = {
  allow: 'info',
  answer: 'info',
  observed: 'warn',
  deny: 'warn',
  unavailable: 'error',
};
