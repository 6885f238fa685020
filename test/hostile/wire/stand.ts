import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { createSigner } from '../../support/jwt-signer.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../../support/peerproof-process.ts';
import { anyBearer, inlineIssuer } from '../../support/token-fixture.ts';
import { waitFor } from '../../support/wait.ts';
import { type Honest, type HonestReport, questionKinds, startHonest } from './honest.ts';

/** What must hold while and after any attack. */
export const bounds = {
  /**
   * Milliseconds of processor time for the slowest answer to the normal client. The wall clock would count what else the
   * machine does. It catches a server that reads all of an attack before it answers other clients, or
   * that takes a millisecond for each stream of a flood. The worst flood takes 700 ms on a quiet machine.
   */
  slowest: 3_000,
  /** Milliseconds of the wall clock: one that waits for something other than the processor does not answer at all. */
  longest: 60_000,
  /** Bytes of resident memory: the limit of the pod in the Helm chart. */
  memory: 512 * 1024 * 1024,
  /** Milliseconds after which the connections of an attacker who has gone must be gone. */
  gone: 5_000,
};

/** A Peerproof process, and a normal client that sends checks all the time. */
export interface Stand {
  readonly peerproof: PeerproofProcess;
  readonly honest: Honest;
  readonly token: string;
  stop(): Promise<void>;
}

const SECOND = 1_000;
/** What Node takes in that pod; on a large machine it would let rubbish lie until there are gigabytes of it. */
const heap = '--max-old-space-size=256';

export async function startStand(): Promise<Stand> {
  const signer = createSigner('ES256');
  const now = Math.floor(Date.now() / SECOND);
  const token = signer.sign({
    iss: 'https://login.example.com',
    aud: 'orders',
    sub: 'alice',
    iat: now,
    exp: now + 3_600,
  });
  const peerproof = await startSmall({
    issuers: { corp: inlineIssuer([signer]) },
    http: {},
    rules: [anyBearer],
    limits: { eventLoopDelay: '5s' },
  });
  try {
    const { grpcPort, httpPort, pid } = peerproof;
    const honest = await startHonest({ grpcPort, httpPort, pid, token, every: 10 });
    const stop = async (): Promise<void> => {
      await honest.stop();
      await peerproof.stop();
    };
    try {
      // Until everything that is compiled and allocated once has been.
      await waitFor('the first answers', 10 * SECOND, async () => (await honest.report()).answers > 5, 500);
      return { peerproof, honest, token, stop };
    } catch (error) {
      await stop();
      throw new Error(`the normal client gets no answers. ${peerproof.stderr()}`, { cause: error });
    }
  } catch (error) {
    await peerproof.stop();
    throw error;
  }
}

/** A child inherits the environment, which is only another one while it is started. */
async function startSmall(config: Parameters<typeof startPeerproofProcess>[0]): Promise<PeerproofProcess> {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `${before ?? ''} ${heap}`;
  try {
    return await startPeerproofProcess(config);
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}

/** VmRSS, in bytes. */
export function rssOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** Connections at a port of this machine that some process still holds on the server's side. */
export function connectionsAt(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const [, ...lines] = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8').split('\n'),
  );
  const listening = '0A';
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local, , state, , , , , , inode]) =>
        local?.endsWith(`:${hex}`) && state !== listening && inode !== '0',
    ).length;
}

/** The answers to the normal client, with one more check of each kind after the attack. */
async function afterwards(honest: Honest): Promise<HonestReport> {
  let all = await honest.report();
  const during = all.answers;
  for (let waited = 0; all.answers - during < questionKinds && waited < 60 * SECOND; waited += 20) {
    await sleep(20);
    const { answers, slowest, longest, wrong } = await honest.report();
    all = {
      answers: all.answers + answers,
      slowest: Math.max(all.slowest, slowest),
      longest: Math.max(all.longest, longest),
      wrong: [...all.wrong, ...wrong],
    };
  }
  return all;
}

/** Runs an attack, and checks that the normal client was not affected. */
export async function withstands(
  t: ExecutionContext,
  { peerproof, honest }: Stand,
  attack: () => Promise<void>,
  more: Partial<typeof bounds> = {},
): Promise<void> {
  const { slowest, longest, memory, gone } = { ...bounds, ...more };
  const { pid, grpcPort, httpPort } = peerproof;
  const at = () => connectionsAt(grpcPort) + connectionsAt(httpPort);
  await honest.report();
  const before = at();
  let peak = rssOf(pid);
  const sampling = setInterval(() => {
    peak = Math.max(peak, rssOf(pid));
  }, 20);
  const began = Date.now();
  let took: number;
  let report: HonestReport;
  try {
    await attack();
    took = Date.now() - began;
    await waitFor('the end of its connections', gone, () => at() <= before);
    // What was sent is read until the normal client has its answers again.
    report = await afterwards(honest);
  } finally {
    clearInterval(sampling);
  }
  t.log(
    `${took} ms; honest: ${report.answers} answers, slowest ${Math.round(report.slowest)} ms of processor time, ${Math.round(report.longest)} ms in all; memory: ${Math.round(peak / 1e6)} MB`,
  );
  t.deepEqual(report.wrong, [], 'wrong answers to somebody honest');
  t.true(report.answers > 0, 'no answer to somebody honest');
  t.true(
    report.slowest < slowest,
    `an honest answer took ${Math.round(report.slowest)} ms of processor time`,
  );
  t.true(report.longest < longest, `an honest answer took ${Math.round(report.longest)} ms`);
  t.true(peak < memory, `${Math.round(peak / 1e6)} MB of memory`);
  const ready = await peerproof.page('/readyz').catch((error: Error) => ({ status: error.message }));
  t.is(ready.status, 200);
  t.is(peerproof.stderr(), '');
}
