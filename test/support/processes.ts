import { type ChildProcess, spawn } from 'node:child_process';
import { waitFor, withDeadline } from './wait.ts';

/** How to start a child and when to call it ready. */
export interface StartProcess {
  /** For error messages. */
  name: string;
  command: string;
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Ready once this gives true; asked repeatedly. Ready at once by default. */
  ready?: (child: RunningProcess) => boolean | Promise<boolean>;
  readyWithinMs?: number;
  /** How long it may take to end after SIGTERM before SIGKILL. */
  endWithinMs?: number;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A child process that cannot outlive its parent. */
export interface RunningProcess {
  readonly pid: number;
  /** Resolves when the child has ended for any reason. */
  readonly ended: Promise<Ended>;
  /** The last lines it wrote, for error messages. */
  stderr(): string;
  stdout(): string;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after the bound. Can be called any number of times. */
  stop(): Promise<Ended>;
}

const KEPT_LINES = 200;
const KEPT_LINE_LENGTH = 2_000;

/** Children of this process (or ava worker) that have not ended. */
const alive = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

function keepLastLines(stream: NodeJS.ReadableStream | null): () => string {
  const lines: string[] = [];
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = (parts.pop() ?? '').slice(-KEPT_LINE_LENGTH);
    lines.push(...parts.map((line) => line.slice(0, KEPT_LINE_LENGTH)));
    lines.splice(0, Math.max(0, lines.length - KEPT_LINES));
  });
  return () => [...lines, rest].join('\n').trim();
}

/**
 * Ends the child also when this process is killed, or when its worker thread is terminated, where no exit handler runs:
 * a small shell reads from a pipe that closes with us, then kills the one pid it was told.
 */
function guard(pid: number, child: ChildProcess): void {
  const watcher = spawn('/bin/sh', ['-c', 'read -r _; kill -9 "$1" 2>/dev/null', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => {});
  watcher.unref();
  const { stdin } = watcher;
  stdin.on('error', () => {});
  (stdin as unknown as { unref?: () => void }).unref?.();
  // The watcher goes first, so that it can never meet a pid that someone else has by then.
  child.once('exit', () => watcher.kill('SIGKILL'));
}

/** Starts a child and waits until it is ready; when it is not in time, ends it and rejects with what it wrote. */
export async function startProcess(options: StartProcess): Promise<RunningProcess> {
  const { name, command, args = [], ready, readyWithinMs = 10_000, endWithinMs = 3_000 } = options;
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.env ? { env: options.env } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  });
  const stderr = keepLastLines(child.stderr);
  const stdout = keepLastLines(child.stdout);
  let end: Ended | undefined;
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => {
      alive.delete(child);
      end = { code, signal };
      resolve(end);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${name} could not be started: ${error.message}`)));
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${name} could not be started`);
  alive.add(child);
  guard(pid, child);

  const running: RunningProcess = {
    pid,
    ended,
    stderr,
    stdout,
    signal: (signal) => {
      child.kill(signal);
    },
    stop: async () => {
      if (end) return end;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
      try {
        return await withDeadline(`${name} ending`, endWithinMs + 2_000, ended);
      } finally {
        clearTimeout(force);
      }
    },
  };
  try {
    if (ready) {
      await waitFor(`${name} ready`, readyWithinMs, async () => {
        const isReady = await ready(running);
        // Looked at last: if its port was taken, another process may have answered.
        if (end) throw new Error(`${name} ended early (${end.signal ?? end.code})`);
        return isReady;
      });
    }
  } catch (error) {
    await running.stop();
    // What it wrote last may arrive after its end.
    await withDeadline(`${name} closing`, 1_000, closed).catch(() => undefined);
    throw new Error(`${(error as Error).message}\n${stderr()}`);
  }
  return running;
}
