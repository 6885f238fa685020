import { type Sample, sampleEvery } from '../operate/samples.ts';
import type { ProcessView } from '../serve/console-source.ts';
import { addSamples, combineSamples, quantile } from './combine.ts';

/** Samples that the numbers are about: the last minute. */
const recent = 60 / sampleEvery;

/** How many checks there are, and how fast they are answered. */
export interface Traffic {
  /** Of the last minute. */
  readonly perSecond: number;
  /** From 0 to 1, of the last minute. Undefined without checks. */
  readonly refusedShare: number | undefined;
  /** Milliseconds, of the last minute. Undefined without checks, and null above all bounds. */
  readonly p99: number | null | undefined;
  /** The last 15 minutes, each with the number of checks and the milliseconds of the slowest hundredth. */
  readonly points: readonly {
    readonly at: number;
    readonly seconds: number;
    readonly allow: number;
    readonly deny: number;
    readonly unavailable: number;
    readonly p99: number | null | undefined;
  }[];
}

export function trafficOf(views: readonly ProcessView[]): Traffic {
  const samples = combineSamples(views);
  const lately = samples.slice(-recent);
  const sum = lately.reduce<Sample | undefined>((all, one) => (all ? addSamples(all, one) : one), undefined);
  const checks = sum ? sum.allow + sum.deny + sum.unavailable + sum.answer : 0;
  return {
    perSecond: checks / Math.max(1, lately.length * sampleEvery),
    refusedShare: sum && checks > 0 ? (sum.deny + sum.unavailable) / checks : undefined,
    p99: sum && milliseconds(quantile(sum, 0.99)),
    points: samples.map((sample) => {
      const { at, allow, deny, unavailable } = sample;
      const p99 = milliseconds(quantile(sample, 0.99));
      return { at: at * 1_000, seconds: sampleEvery, allow, deny, unavailable, p99 };
    }),
  };
}

/** JSON has no infinity, so it becomes null there. */
function milliseconds(seconds: number | undefined): number | null | undefined {
  if (seconds === undefined) return undefined;
  return Number.isFinite(seconds) ? seconds * 1_000 : null;
}
