import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { isRecord, parseJson } from '../lib/json.ts';
import { lowerPriority } from '../lib/lower-priority.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Job } from './jobs.ts';

const program = fileURLToPath(new URL(`./work-process${extname(import.meta.url)}`, import.meta.url));
/** Milliseconds. 3,000 rules take 10,000. */
const longest = 60_000;
/** Bytes of the answer. */
const most = 4_194_304;
/** Jobs that wait for another one. */
const mostWaiting = 3;
/** Megabytes of the heap, at most and at least. */
const mostMemory = 512;
const leastMemory = 32;
/** Megabytes that a process takes beside its heap, and as much again stays free. */
const beside = 64;
/**
 * Beside a thread that takes a whole core, it gets a tenth of that core and answers after 12 seconds. With the lowest
 * priority, 19, it took 76 seconds, which is longer than it may: an operator of a busy service got no answer.
 */
const niceness = 10;
/** Open files that the start of a process needs for a moment, and some more. */
const descriptors = 12;

/**
 * Does what takes long in a process of its own, which yields to the checks: it has a low priority, a
 * bounded heap, and a minute. One job at a time.
 */
export class Apart {
  readonly #available: () => number;
  #waiting = 0;
  #underWay: Promise<unknown> = Promise.resolve();

  /** @param available bytes that the container, or else the machine, has left */
  constructor(available: () => number = () => process.availableMemory()) {
    this.#available = available;
  }

  /** @returns what the job answers, or why there is no answer */
  async run(job: Job, signal?: AbortSignal): Promise<unknown> {
    if (this.#waiting >= mostWaiting) return new Malformed('Others wait for an answer. Try again later.');
    this.#waiting++;
    const before = this.#underWay;
    const done = before.then(() =>
      signal?.aborted
        ? new Malformed('Nobody waits for it.')
        : work(job, heapWithin(this.#available()), signal),
    );
    this.#underWay = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      this.#waiting--;
    }
  }
}

/**
 * Megabytes of a heap for which there is room. Where a container has used up its memory, Kubernetes ends all
 * of its processes (`memory.oom.group`), also the one that answers checks.
 */
export function heapWithin(available: number): number {
  return Math.min(mostMemory, Math.floor((available / 1_048_576 - beside) / 2));
}

async function work(job: Job, heap: number, signal: AbortSignal | undefined): Promise<unknown> {
  if (heap < leastMemory) return new Malformed('Too little memory is left to find the answer.');
  const child = start(heap);
  if (!child) return notStarted;
  const { promise, resolve } = Promise.withResolvers<unknown>();
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
  child.on('error', () => give(notStarted));
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
  child.once('spawn', () => lowerPriority(child.pid ?? 0, niceness));
  child.stdin.end(serialize(job));
  return promise;
}

const notStarted = new Malformed('The process that answers could not be started.');

/** @returns undefined if there are no memory or descriptors for another process: the checks go on */
function start(heap: number) {
  if (!hasDescriptors()) return undefined;
  try {
    // Each of the two halves of the young heap would take up to 32 MB beside the old one.
    const options = [`--max-old-space-size=${heap}`, '--max-semi-space-size=8'];
    const child = spawn(process.execPath, [...options, program], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: longest,
      killSignal: 'SIGKILL',
    });
    // Another thread may have taken the last descriptors.
    child.on('error', () => undefined);
    return (child.stdout as Readable | undefined) && child;
  } catch {
    return undefined;
  }
}

/**
 * Whether a process can get its pipes. Without descriptors, `spawn` returns a process without pipes, whose
 * error would end the service, and Node does not give back the descriptors that it had taken.
 */
function hasDescriptors(): boolean {
  const taken: number[] = [];
  try {
    while (taken.length < descriptors) taken.push(openSync(devNull, 'r'));
    return true;
  } catch {
    return false;
  } finally {
    for (const one of taken) closeSync(one);
  }
}
