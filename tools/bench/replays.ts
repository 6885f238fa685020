/**
 * `node tools/bench/replays.ts [--proofs 1000000] [--checks 100000]`: sends the same proofs to three replicas at the same time,
 * with one Redis, and counts how often one is accepted twice. First at the memory of proofs itself, in a process for each
 * replica, and then through whole checks of three services. Prints a table in Markdown. Ends with 1 if a replay was accepted.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ConfigInput } from '../../src/config/schema.ts';
import { createAssertionWorld } from '../../test/support/assertions.ts';
import { startPeerproofProcess } from '../../test/support/peerproof-process.ts';
import { type Redis, startRedis } from '../../test/support/redis.ts';
import { CallClient } from './call-client.ts';
import { frameOf, statusCode } from './frame.ts';
import type { ReplicaReport, ReplicaTask } from './replays-replica.ts';
import { decimal, markdown, whole } from './table.ts';

const replicas = 3;
/** Checks that wait at the same time, of each replica. */
const inFlight = 32;

const { values } = parseArgs({
  options: {
    proofs: { type: 'string', default: '1000000' },
    checks: { type: 'string', default: '100000' },
  },
});

const rows = [
  await ofMemory('one replica, its own memory', 1, undefined, Number(values.proofs)),
  await withRedis((redis) => ofMemory('three replicas, one Redis', replicas, redis, Number(values.proofs))),
  await withRedis((redis) =>
    ofChecks('three replicas, one Redis, whole checks', redis, Number(values.checks)),
  ),
];
const head = ['way', 'proofs', 'sent', 'let in', 'replays let in', 'failed', 'per second'];
const sizes = ['p50 ms', 'p99 ms', 'longest ms', 'bytes each: process', 'bytes each: Redis'];
console.log(
  markdown(
    [...head, ...sizes],
    rows.map(({ cells }) => cells),
  ),
);
process.exit(rows.some(({ replays }) => replays > 0) ? 1 : 0);

interface Row {
  readonly cells: readonly string[];
  readonly replays: number;
}

interface Measured {
  readonly proofs: number;
  readonly sent: number;
  /** How often each proof was let in. */
  readonly letIn: Uint8Array;
  readonly failed: number;
  readonly seconds: number;
  /** Milliseconds of each answer. */
  readonly times: Float64Array;
  readonly heap?: number | undefined;
  readonly redis?: number | undefined;
}

function rowOf(way: string, { proofs, sent, letIn, failed, seconds, times, heap, redis }: Measured): Row {
  const total = letIn.reduce((sum, count) => sum + count, 0);
  const replays = letIn.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  const sorted = times.toSorted();
  const at = (share: number) => decimal(sorted[Math.floor(share * (sorted.length - 1))] ?? 0, 2);
  return {
    replays,
    cells: [
      ...[way, whole(proofs), whole(sent), whole(total), whole(replays), whole(failed)],
      ...[whole(sent / seconds), at(0.5), at(0.99), at(1)],
      ...[heap, redis].map((bytes) => (bytes === undefined ? '' : whole(bytes / proofs))),
    ],
  };
}

async function withRedis(measure: (redis: Redis) => Promise<Row>): Promise<Row> {
  const redis = await startRedis();
  try {
    return await measure(redis);
  } finally {
    await redis.stop();
  }
}

/** The memory of used proofs alone: each process uses all proofs, in the same order and at the same time. */
async function ofMemory(way: string, count: number, redis: Redis | undefined, proofs: number): Promise<Row> {
  const before = redis && (await usedMemory(redis));
  const task: ReplicaTask = { redisPort: redis?.port, proofs, inFlight, until: Date.now() + 3_600_000 };
  const began = performance.now();
  const reports = await Promise.all(Array.from({ length: count }, () => runReplica(task)));
  const seconds = (performance.now() - began) / 1_000;
  const letIn = new Uint8Array(proofs);
  for (const { accepted } of reports)
    for (const [index, byte] of Buffer.from(accepted, 'base64').entries())
      for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) letIn[8 * index + bit]! += 1;
  const times = Float64Array.from(
    reports.flatMap(({ times: text }) => [
      ...new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer),
    ]),
  );
  const failed = reports.reduce((sum, report) => sum + report.failed, 0);
  const heap = redis ? undefined : reports[0]?.heap;
  const after = redis && (await usedMemory(redis));
  const kept = before !== undefined && after !== undefined ? after - before : undefined;
  return rowOf(way, { proofs, sent: count * proofs, letIn, failed, seconds, times, heap, redis: kept });
}

async function runReplica(task: ReplicaTask): Promise<ReplicaReport> {
  const file = fileURLToPath(new URL('replays-replica.ts', import.meta.url));
  const child = fork(file, { execArgv: ['--expose-gc'] });
  try {
    child.send(task);
    const [report] = await once(child, 'message');
    return report;
  } finally {
    child.kill();
  }
}

/** Whole checks over gRPC: assertions that hold once, each sent to all three services at the same time. */
async function ofChecks(way: string, redis: Redis, proofs: number): Promise<Row> {
  const store: ConfigInput['store'] = { redis: { address: redis.address, timeout: '2s' } };
  const world = createAssertionWorld({ store, log: { level: 'error' } });
  const services = await Promise.all(
    Array.from({ length: replicas }, () => startPeerproofProcess(world.config)),
  );
  const clients = services.map(({ grpcPort }) => new CallClient(grpcPort));
  const letIn = new Uint8Array(proofs);
  const times: number[] = [];
  let failed = 0;
  let next = 0;
  const before = await usedMemory(redis);
  const began = performance.now();
  const sendAll = async () => {
    while (next < proofs) {
      const number = next++;
      const frame = frameOf(world.request(`proof ${number}`));
      await Promise.all(
        clients.map(async (client) => {
          const sent = performance.now();
          const code = statusCode(await client.call(frame));
          times.push(performance.now() - sent);
          if (code === 0) letIn[number]! += 1;
          else if (code !== 16) failed++;
        }),
      );
    }
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, sendAll));
    const seconds = (performance.now() - began) / 1_000;
    const kept = (await usedMemory(redis)) - before;
    const sent = replicas * proofs;
    return rowOf(way, { proofs, sent, letIn, failed, seconds, times: Float64Array.from(times), redis: kept });
  } finally {
    for (const client of clients) client.close();
    await Promise.all(services.map((service) => service.stop()));
  }
}

async function usedMemory(redis: Redis): Promise<number> {
  const info = String(await redis.command('INFO', 'memory'));
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}
