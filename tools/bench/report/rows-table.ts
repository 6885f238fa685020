import { median, percentile } from '../statistics.ts';
import { decimal, markdown, percent, whole } from '../table.ts';
import type { Results, RowResult } from './results.ts';

/** From here on the generator, and not the server, may be what is measured. */
const saturated = 0.95;
/** Below this the server did not get its core, or had too little to do. */
const undisturbed = 0.8;

/** The rows of throughput, each compared with others of the same round. */
export function rowsTable(results: Results): string {
  const head = [
    '',
    'checks per CPU second',
    'rounds',
    'checks/s',
    'p50 ms',
    'p99 ms',
    'KiB a check',
    'server CPU',
    'generator CPU',
    'to others of the same round',
  ];
  return markdown(
    head,
    results.parts.rows.map((row) => cells(row, results)),
  );
}

function cells({ name, windows, comparedWith }: RowResult, results: Results): readonly string[] {
  const costs = windows.map(({ perCpuSecond }) => perCpuSecond);
  const generator = median(windows.map(({ generatorShare }) => generatorShare));
  const server = median(windows.map(({ serverShare }) => serverShare));
  const latency = (share: number) =>
    decimal(median(windows.map(({ latencies }) => percentile(latencies, share))));
  return [
    name,
    whole(median(costs)),
    `${whole(Math.min(...costs))} to ${whole(Math.max(...costs))}`,
    whole(median(windows.map(({ rate }) => rate))),
    latency(0.5),
    latency(0.99),
    decimal(median(windows.map(({ allocated }) => (allocated ?? Number.NaN) / 1024))),
    server < undisturbed ? `**${percent(server)}**` : percent(server),
    generator >= saturated ? `**${percent(generator)} (saturated)**` : percent(generator),
    comparedWith
      .map((other) => [other, results.ratio(name, other)] as const)
      .filter(([, ratio]) => Number.isFinite(ratio))
      .map(([other, ratio]) => `${decimal(ratio, 2)} × ${shortened(other)}`)
      .join(', '),
  ];
}

/** Without what the reader of a comparison need not be told again. */
function shortened(name: string): string {
  return name
    .replace(/^floor: /, '')
    .replace(/,.*(?:at once|memos)$/, '')
    .replace(/^(?!gRPC)([^:]+): .*/, '$1');
}
