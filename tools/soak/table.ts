import { median } from '../bench/statistics.ts';
import { markdown, whole } from '../bench/table.ts';
import type { Sample } from './samples.ts';

/** The largest allowed growth of resident memory after the second minute. */
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

/** Resident memory without load, after all garbage was collected. */
export interface Rest {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly resident: number;
}

/** Resident memory at one time, and its growth since an earlier one. */
export interface Growth {
  readonly from: number;
  readonly to: number;
  readonly share: number;
  /** In words. */
  readonly text: string;
}

/** At rest: only memory that is in use, without garbage. */
export function growthAtRest(rests: readonly Rest[]): Growth {
  const [first, last] = [rests[0], rests.at(-1)];
  const list = rests.map(({ at, resident }) => `${megabytes(resident)} (${clock(at)})`).join(', ');
  const growth = growthOf(first?.resident ?? Number.NaN, last?.resident ?? Number.NaN);
  return { ...growth, text: `At rest, garbage collected: ${list} MB: ${percent(growth.share)}.` };
}

/**
 * Under load: compares the medians of the third and of the last minute, in a shorter run of the same shares of its time.
 * Undefined if less than nine tenths of the checks could be sent in one of them: a process that waits for its processor
 * collects late, and holds more memory only for that reason.
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
