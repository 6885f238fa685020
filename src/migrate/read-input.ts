import { closeSync, openSync, readSync } from 'node:fs';
import { codeAndCause } from '../lib/file-causes.ts';
import type { Report } from './report.ts';

/** Kibibytes. Far more than the default values of the chart. YAML looks for equal keys in quadratic time. */
const most = 128;

/**
 * The text of a file that the user names. Undefined if none is named, or if the report has an error: the file
 * cannot be read, or has more than `limit` kibibytes. A device without an end is not read to its end.
 */
export function readInput(
  file: string | undefined,
  what: string,
  report: Report,
  limit = most,
): string | undefined {
  if (file === undefined) return undefined;
  try {
    const text = readStart(file, limit * 1024 + 1);
    if (text.length <= limit * 1024) return text.toString('utf8');
    report.fail(`${what}: ${file} is larger than ${limit} KiB`);
  } catch (error) {
    report.fail(`${what}: ${file} cannot be read ${codeAndCause((error as NodeJS.ErrnoException).code)}`);
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
