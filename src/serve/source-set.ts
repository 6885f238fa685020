import type { Generation } from './generation.ts';

type Sources = Generation['sources'];

/** Resolves after the first attempt of those that are needed. */
export function startAll(sources: Sources, needed: Sources): Promise<unknown> {
  const attempts = [...sources].map((source) => ({ source, attempt: source.start() }));
  return Promise.all(attempts.map(({ source, attempt }) => (needed.has(source) ? attempt : undefined)));
}

export function stopAll(sources: Sources): void {
  for (const source of sources) source.stop();
}

export function without(sources: Sources, others: Sources): Sources {
  return new Set([...sources].filter((source) => !others.has(source)));
}
