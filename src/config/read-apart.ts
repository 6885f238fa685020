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

/** A text to read, and its name for messages. */
export interface TextOfFile {
  readonly text: string;
  readonly file: string;
}

/**
 * Reads a document as `readPlainData` does, in a process of its own. V8 does not give back the memory of a
 * thread.
 * @throws ConfigError if the text is not YAML, or cannot be plain data
 */
export function readApart(text: string, file: string): unknown {
  const [answer] = readAllApart([{ text, file }]);
  if (answer && 'problems' in answer) throw new ConfigError(answer.problems);
  return answer?.raw;
}

/**
 * Does the same for several documents in one process. A text that is wrong concerns no other.
 * @throws Error if the process fails
 */
export function readAllApart(texts: readonly TextOfFile[]): readonly ReadingAnswer[] {
  const options = { input: JSON.stringify(texts), maxBuffer: most, timeout: longest };
  const { stdout, stderr, status, error } = spawnSync(process.execPath, [program], options);
  if (status !== 0) throw new Error(`${texts[0]?.file} could not be read: ${error ?? stderr}`);
  return deserialize(stdout);
}
