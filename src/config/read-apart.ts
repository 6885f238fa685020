import { spawnSync } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize } from 'node:v8';
import { ConfigError, type Problem } from './problem.ts';

/** What the other process answers, as V8 serializes it. */
export type ReadingAnswer = { readonly raw: unknown } | { readonly problems: readonly Problem[] };

const program = fileURLToPath(new URL(`./reading-process${extname(import.meta.url)}`, import.meta.url));
/** Milliseconds. 10,000 rules take 2,000. */
const longest = 300_000;
/** Bytes of the answer. */
const most = 1_073_741_824;

/**
 * Reads a document as `readPlainData` does, in a process of its own. V8 does not give back the memory of a
 * thread.
 * @throws ConfigError if the text is not YAML, or cannot be plain data
 */
export function readApart(text: string, file: string): unknown {
  const options = { input: text, maxBuffer: most, timeout: longest };
  const { stdout, stderr, status, error } = spawnSync(process.execPath, [program, file], options);
  if (status !== 0) throw new Error(`${file} could not be read: ${error ?? stderr}`);
  const answer: ReadingAnswer = deserialize(stdout);
  if ('problems' in answer) throw new ConfigError(answer.problems);
  return answer.raw;
}
