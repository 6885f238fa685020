import type { Window } from './generator.ts';

/** One window out of several, as if they had followed one another without a pause. */
export function joined(parts: readonly Window[]): Window {
  const sum = (of: (part: Window) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const seconds = sum((part) => part.seconds);
  return {
    calls: sum((part) => part.calls),
    sent: sum((part) => part.sent),
    seconds,
    latencies: Float64Array.from(parts.flatMap(({ latencies }) => [...latencies])).sort(),
    generatorShare: sum((part) => part.generatorShare * part.seconds) / seconds,
    wrong: sum((part) => part.wrong),
    firstWrong: parts.find(({ wrong }) => wrong > 0)?.firstWrong ?? '',
  };
}
