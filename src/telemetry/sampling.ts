import type { ParentSpan } from './parent.ts';
import type { TraceSettings } from './settings.ts';

/** `too_many`: the check was chosen, but the spans of this second are used up. */
export type Choice = 'follow' | 'leave' | 'too_many';

/**
 * Chooses the checks that get a span. A parent decides by its flag. Without a parent, a share of the checks is
 * chosen. Any client can set the flag, so the spans of one second are bounded.
 * @param now milliseconds of a clock that never steps. It is asked only if the check would be chosen.
 */
export function createSampling(
  { sample, maxPerSecond }: TraceSettings,
  now: () => number,
  random: () => number = Math.random,
): (parent: ParentSpan | undefined) => Choice {
  let room = maxPerSecond;
  let filledAt = Number.NEGATIVE_INFINITY;
  return (parent) => {
    if (!(parent ? parent.sampled : random() < sample)) return 'leave';
    const time = now();
    room = Math.min(maxPerSecond, room + ((time - filledAt) * maxPerSecond) / 1_000);
    filledAt = time;
    if (room < 1) return 'too_many';
    room--;
    return 'follow';
  };
}
