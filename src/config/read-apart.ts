import { execFile, spawnSync } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize } from 'node:v8';
import { lowerPriority } from '../lib/lower-priority.ts';
import { ConfigError, type Problem, type Unplaced } from './problem.ts';

/** What the other process answers, as V8 serializes it. */
export type ReadingAnswer = { readonly raw: unknown } | { readonly problems: readonly Problem[] };

const program = fileURLToPath(new URL(`./reading-process${extname(import.meta.url)}`, import.meta.url));
/** Bytes of the process itself, and for each character: 10,000 rules of 1.5 MB take 300 MB. */
const ownMemory = 67_108_864;
const memoryOfCharacter = 160;

const bounds = {
  /** Milliseconds. 10,000 rules take 2,000. */
  timeout: 300_000,
  /** Bytes of the answer. */
  maxBuffer: 1_073_741_824,
} as const;

/** A text to read, and its name for messages. */
export interface TextOfFile {
  readonly text: string;
  readonly file: string;
  /** If there are any, their lines are the answer. */
  readonly unplaced?: readonly Pick<Unplaced, 'path' | 'message'>[];
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
  const input = JSON.stringify(texts);
  const { stdout, stderr, status, error } = spawnSync(process.execPath, [program], { ...bounds, input });
  if (status !== 0) throw unread(texts, error ?? stderr);
  return deserialize(stdout);
}

/**
 * Does the same, while this process goes on. The other one has a lower priority. It is not started where it
 * could take more memory than is left: Kubernetes would end both (`memory.oom.group`).
 * @throws Error if the process fails, or is not started
 */
export async function readAllLater(texts: readonly TextOfFile[]): Promise<readonly ReadingAnswer[]> {
  const length = texts.reduce((sum, { text }) => sum + text.length, 0);
  if (process.availableMemory() < ownMemory + memoryOfCharacter * length)
    throw unread(texts, 'too little memory is left');
  const { promise, resolve, reject } = Promise.withResolvers<readonly ReadingAnswer[]>();
  const options = { ...bounds, encoding: 'buffer', killSignal: 'SIGKILL' } as const;
  const child = execFile(process.execPath, [program], options, (error, stdout, stderr) =>
    error ? reject(unread(texts, stderr.length > 0 ? stderr : error)) : resolve(deserialize(stdout)),
  );
  // The lowest priority would let a busy machine put off a reload for minutes.
  child.once('spawn', () => lowerPriority(child.pid ?? 0, 5));
  // A process that ends early does not read all of its input.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(JSON.stringify(texts));
  return promise;
}

function unread([first]: readonly TextOfFile[], why: unknown): Error {
  return new Error(`${first?.file} could not be read: ${why}`);
}
