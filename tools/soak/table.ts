import { median } from '../bench/statistics.ts';
import { markdown, whole } from '../bench/table.ts';
import type { Sample } from './samples.ts';

/** The most that resident memory may have grown, from the second minute on. */
export const mostGrowth = 0.1;

/** The samples over time, in Markdown. */
export function samplesTable(samples: readonly Sample[]): string {
  return markdown(
    [
      'time',
      'checks',
      'checks/s',
      'p50 ms',
      'p99 ms',
      'resident MB',
      'heap used MB',
      'external MB',
      'open files',
      'event loop p99 ms',
    ],
    samples.map((sample) => [
      clock(sample.at),
      whole(sample.checks),
      whole(sample.perSecond),
      sample.p50.toFixed(1),
      sample.p99.toFixed(1),
      megabytes(sample.resident),
      megabytes(sample.heap),
      megabytes(sample.external),
      String(sample.files),
      sample.loopDelay.toFixed(1),
    ]),
  );
}

/** What was resident without load, when all garbage was collected. */
export interface Rest {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly resident: number;
}

/** Resident memory of a time, and how much more it is than that of an earlier one. */
export interface Growth {
  readonly from: number;
  readonly to: number;
  readonly share: number;
  /** In words. */
  readonly text: string;
}

/** At rest: what is held, and nothing that is only not collected yet. */
export function growthAtRest(rests: readonly Rest[]): Growth {
  const [first, last] = [rests[0], rests.at(-1)];
  const list = rests.map(({ at, resident }) => `${megabytes(resident)} (${clock(at)})`).join(', ');
  const growth = growthOf(first?.resident ?? Number.NaN, last?.resident ?? Number.NaN);
  return { ...growth, text: `At rest, garbage collected: ${list} MB: ${percent(growth.share)}.` };
}

/**
 * Under load, by the medians of the minute after the second one and of the last; of a shorter run the same shares of its
 * time. Undefined where less than nine tenths of the checks could be sent in one of them: a process that has to wait for
 * its processor collects late, and holds more for that reason alone.
 */
export function growthUnderLoad(samples: readonly Sample[], rate: number): Growth | string {
  const end = samples.at(-1)?.at ?? 0;
  const [warm, width] = [Math.min(120, end / 3), Math.min(60, end / 5)];
  const windows = [
    [warm, warm + width],
    [end - width, end],
  ] as const;
  const chosen = windows.map(([begin, until]) => samples.filter(({ at }) => at >= begin && at <= until));
  const [from = Number.NaN, to = Number.NaN] = chosen.map((list) =>
    median(list.map(({ resident }) => resident)),
  );
  const growth = growthOf(from, to);
  const [before, after] = windows.map(([begin, until]) => `${clock(begin)} to ${clock(until)}`);
  const text = `Under load, medians: ${megabytes(from)} MB (${before}), ${megabytes(to)} MB (${after}): ${percent(growth.share)}`;
  const kept = chosen.every((list) => median(list.map(({ perSecond }) => perSecond)) >= 0.9 * rate);
  return kept ? { ...growth, text: `${text}.` } : `${text}; not judged, because the machine was too busy.`;
}

function growthOf(from: number, to: number): Pick<Growth, 'from' | 'to' | 'share'> {
  return { from, to, share: to / from - 1 };
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}

function clock(seconds: number): string {
  const rounded = Math.round(seconds);
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, '0')}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
