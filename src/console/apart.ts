import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { isRecord, parseJson } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Job } from './jobs.ts';

const program = fileURLToPath(new URL(`./work-process${extname(import.meta.url)}`, import.meta.url));
/** Milliseconds. 3,000 rules take 10,000. */
const longest = 60_000;
/** Bytes of the answer. */
const most = 4_194_304;
/** Jobs that wait for another one. */
const mostWaiting = 3;
/** Megabytes of the heap. */
const memory = 512;

/**
 * Does what takes long in a process of its own, which yields to the checks: it has the lowest priority, a
 * bounded heap, and a minute. One job at a time.
 */
export class Apart {
  #waiting = 0;
  #underWay: Promise<unknown> = Promise.resolve();

  /** @returns what the job answers, or why there is no answer */
  async run(job: Job, signal?: AbortSignal): Promise<unknown> {
    if (this.#waiting >= mostWaiting) return new Malformed('Others wait for an answer. Try again later.');
    this.#waiting++;
    const before = this.#underWay;
    const done = before.then(() =>
      signal?.aborted ? new Malformed('Nobody waits for it.') : work(job, signal),
    );
    this.#underWay = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      this.#waiting--;
    }
  }
}

async function work(job: Job, signal: AbortSignal | undefined): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const child = spawn(process.execPath, [`--max-old-space-size=${memory}`, program], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: longest,
    killSignal: 'SIGKILL',
  });
  const give = (answer: unknown): void => {
    child.kill('SIGKILL');
    resolve(answer);
  };
  const pieces: Buffer[] = [];
  let length = 0;
  child.stdout.on('data', (piece: Buffer) => {
    pieces.push(piece);
    length += piece.length;
    if (length > most) give(new Malformed('The answer is too long.'));
  });
  child.on('error', () => give(new Malformed('The process that answers could not be started.')));
  // A process that ends early does not read all of its input.
  child.stdin.on('error', () => undefined);
  const stop = () => give(new Malformed('Nobody waits for it.'));
  signal?.addEventListener('abort', stop, { once: true });
  child.once('close', () => {
    signal?.removeEventListener('abort', stop);
    const parsed = parseJson(Buffer.concat(pieces).toString('utf8'));
    if (!isRecord(parsed))
      resolve(new Malformed('It took more than a minute, or more memory than it may use.'));
    else resolve(typeof parsed.problem === 'string' ? new Malformed(parsed.problem) : parsed.answer);
  });
  child.once('spawn', () => yieldToChecks(child.pid ?? 0));
  child.stdin.end(serialize(job));
  return promise;
}

function yieldToChecks(pid: number): void {
  try {
    setPriority(pid, 19);
  } catch {
    // It has ended, or this system has no priorities.
  }
}
