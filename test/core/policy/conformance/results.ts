import { judge } from './judge.ts';
import { kindOfRefusal } from './refusals.ts';
import { type ConformanceCase, conformanceCases } from './suite.ts';

export interface Result {
  readonly given: ConformanceCase;
  readonly outcome: 'right' | 'wrong' | 'refused';
  /** Of a refusal: its kind. Of a wrong one: what came out, and what should have. */
  readonly detail: string;
}

function resultOf(given: ConformanceCase): Result {
  const judged = judge(given);
  switch (judged.verdict) {
    case 'right':
      return { given, outcome: 'right', detail: '' };
    case 'refused':
      return { given, outcome: 'refused', detail: kindOfRefusal(judged.why) ?? `unknown: ${judged.why}` };
    case 'wrong':
      return { given, outcome: 'wrong', detail: `${judged.got} instead of ${judged.wanted}` };
  }
}

export const results: readonly Result[] = conformanceCases.map(resultOf);
