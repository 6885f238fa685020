import { closeSync, openSync, readSync } from 'node:fs';
import type { Report } from './report.ts';

/** More than a ConfigMap or a Secret of Kubernetes can hold. */
const most = 2 ** 20;

/**
 * The text of a file that the user names. Undefined if none is named, or if the report has an error: the file
 * cannot be read, or has more than `limit` bytes. A device without an end is not read to its end.
 */
export function readInput(
  file: string | undefined,
  what: string,
  report: Report,
  limit = most,
): string | undefined {
  if (file === undefined) return undefined;
  try {
    const text = readStart(file, limit + 1);
    if (text.length <= limit) return text.toString('utf8');
    report.fail(`${what}: ${file} is larger than ${limit / 2 ** 20} MiB`);
  } catch (error) {
    report.fail(`${what}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return undefined;
}

function readStart(file: string, limit: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(limit);
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, buffer, length, limit - length, null);
      length += count;
      if (count === 0 || length === limit) return buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}
