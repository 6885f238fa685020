import type { Latency } from '../latency.ts';
import type { Memory } from '../memory.ts';
import type { Start } from '../start.ts';
import { decimal, markdown, whole } from '../table.ts';

export function latencyTable(latency: readonly Latency[]): string {
  return markdown(
    ['open loop', 'checks/s', 'p50 ms', 'p99 ms', 'sent late, p99 ms'],
    latency.map(({ name, rate, p50, p99, late }) => [
      name,
      whole(rate),
      ...[p50, p99, late].map((time) => decimal(time, 2)),
    ]),
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

export function startTable({ times, package: plain, uncompiled, image }: Start): string {
  return markdown(
    [`start, median of ${times}`, 'ms to the first answer', 'ms of CPU time'],
    [
      ['package', whole(plain.toFirstAnswer), whole(plain.cpu)],
      ['its first start, or where it cannot write', whole(uncompiled.toFirstAnswer), whole(uncompiled.cpu)],
      ['image', whole(image.toFirstAnswer), whole(image.cpu)],
    ],
  );
}
