import type { Pattern } from '../../lib/pattern.ts';

/** How many steps at the beginning of a pattern match, but for case. What follows a `**` is not compared. */
export function sharedSteps(pattern: Pattern, steps: readonly string[]): number {
  let shared = 0;
  for (const part of pattern) {
    const step = steps[shared];
    if (part === '**' || step === undefined) break;
    if (part !== '*' && part.toLowerCase() !== step.toLowerCase()) break;
    shared++;
  }
  return shared;
}

/** The entry that shares the most, the first of equals. The list has at least one. */
export function nearestPattern<T>(patterns: readonly T[], shared: (pattern: T) => number): T {
  return patterns.reduce((best, one) => (shared(one) > shared(best) ? one : best));
}

/** Says why a pattern does not match, if its length or the case of letters explains it; else nothing. */
export function describeLength(pattern: Pattern, steps: readonly string[], what: string): string {
  if (pattern.includes('**')) return '';
  const more = steps.length - pattern.length;
  if (more === 1 && steps.at(-1) === '') return ': it has a slash at the end';
  if (more !== 0) return `: it has ${counted(Math.abs(more), what)} ${more > 0 ? 'more' : 'fewer'}`;
  const first = pattern.findIndex((part, index) => part !== '*' && part !== steps[index]);
  const isCase = first >= 0 && pattern[first]?.toLowerCase() === steps[first]?.toLowerCase();
  return isCase ? ': the case of letters differs' : '';
}

function counted(count: number, what: string): string {
  return `${['', 'one', 'two', 'three'][count] ?? count} ${what}${count > 1 ? 's' : ''}`;
}
