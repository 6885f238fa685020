import type { Measured } from './row.ts';
import { median, percentile } from './statistics.ts';

/** From here on the generator, and not the server, may be what is measured. */
const saturated = 0.9;
/** Below this the server did not get its core: something else ran on it, and the rate says little. */
const undisturbed = 0.8;

export interface TableRow {
  readonly name: string;
  /** One for each round. */
  readonly windows: readonly Measured[];
}

/** The rows in Markdown, each compared with the first of the same round: machines are noisy, rounds less so. */
export function checksTable(rows: readonly TableRow[]): string {
  const [floor] = rows;
  const lines = rows.map(({ name, windows }) => {
    const rates = windows.map(({ rate }) => rate);
    const ratios = rates.map((rate, round) => rate / (floor?.windows[round]?.rate ?? Number.NaN));
    const latencies = merged(windows);
    const generator = median(windows.map(({ generatorShare }) => generatorShare));
    const told = (figure: (window: Measured) => number | undefined, write: (value: number) => string) =>
      windows.every((window) => figure(window) !== undefined)
        ? write(median(windows.map((window) => figure(window) ?? 0)))
        : '?';
    return [
      name,
      whole(median(rates)),
      `${whole(Math.min(...rates))} to ${whole(Math.max(...rates))}`,
      `${median(ratios).toFixed(2)} ×`,
      percentile(latencies, 0.5).toFixed(1),
      percentile(latencies, 0.99).toFixed(1),
      told(({ cost }) => cost, whole),
      told(
        ({ serverShare }) => serverShare,
        (share) => (share < undisturbed ? `**${percent(share)} (disturbed)**` : percent(share)),
      ),
      generator >= saturated ? `**${percent(generator)} (saturated)**` : percent(generator),
    ];
  });
  return markdown(
    [
      '',
      'checks/s',
      'rounds',
      'to the floor',
      'p50 ms',
      'p99 ms',
      'CPU µs a check',
      'server CPU',
      'generator CPU',
    ],
    lines,
  );
}

/** A table whose first column is text and the others numbers. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  );
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function merged(windows: readonly Measured[]): Float64Array {
  return Float64Array.from(windows.flatMap(({ latencies }) => Array.from(latencies))).sort();
}
