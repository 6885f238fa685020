import type { Latency } from '../latency.ts';
import type { Memory } from '../memory.ts';
import type { Start } from '../start.ts';
import { decimal, markdown, whole } from '../table.ts';

export function latencyTable(latency: readonly Latency[]): string {
  return markdown(
    ['open loop', 'checks/s', 'p50 ms', 'p99 ms'],
    latency.map(({ name, rate, p50, p99 }) => [name, whole(rate), decimal(p50, 2), decimal(p99, 2)]),
  );
}

export function memoryTable({ atRest, with10000Rules, afterTokens }: Memory): string {
  return markdown(
    ['resident memory of the package', 'MB'],
    [
      ['before the first check, 10 rules', whole(atRest)],
      ['before the first check, 10,000 rules', whole(with10000Rules)],
      ...afterTokens.map(([tokens, megabytes]) => [`after ${whole(tokens)} unique tokens`, whole(megabytes)]),
    ],
  );
}

export function startTable({ toFirstAnswer, cpu, times }: Start): string {
  return markdown(
    [`start of the package, median of ${times}`, 'ms'],
    [
      ['from the start of the process to the first answer', whole(toFirstAnswer)],
      ['CPU time of the process until then', whole(cpu)],
    ],
  );
}
