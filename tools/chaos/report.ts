import { markdown, whole } from '../bench/table.ts';
import type { Sample } from './load.ts';
import type { Outcome } from './scenario.ts';

const kindsOfAnswer = ['200', '401', '403', '503', 'other'] as const;

/** The results in Markdown, one row for each scenario. */
export function outcomesTable(outcomes: readonly Outcome[]): string {
  return markdown(
    ['fault', 'requests', ...kindsOfAnswer, 'wrongly allowed', 'longest answer', 'well again after'],
    outcomes.map(({ name, samples, wrong, recovered }) => {
      const counts = countsOf(samples);
      return [
        name,
        whole(samples.length),
        ...kindsOfAnswer.map((kind) => whole(counts[kind])),
        wrong === 0 ? '0' : `**${whole(wrong)}**`,
        `${whole(Math.max(0, ...samples.map(({ ms }) => ms)))} ms`,
        recovered === undefined ? '**never**' : `${(recovered / 1000).toFixed(1)} s`,
      ];
    }),
  );
}

/** Notes beside the figures. */
export function notesOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ name, notes, letInByEnvoy }) => {
    const by = `${letInByEnvoy} requests that were under way were let in by Envoy itself: failure_mode_allow is true there, and nobody was left to answer`;
    return [...(letInByEnvoy > 0 ? [by] : []), ...notes].map((note) => `${name}: ${note}.`);
  });
}

/** What differs from the expectation. Empty if nothing does. */
export function failuresOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure}`));
}

function countsOf(samples: readonly Sample[]): Record<(typeof kindsOfAnswer)[number], number> {
  const counts = { '200': 0, '401': 0, '403': 0, '503': 0, other: 0 };
  for (const { status } of samples) {
    const kind = kindsOfAnswer.find((name) => name === String(status)) ?? 'other';
    counts[kind]++;
  }
  return counts;
}
