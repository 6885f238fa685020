import { readdirSync, readFileSync } from 'node:fs';
import { percentile } from '../bench/statistics.ts';
import type { Instance } from '../chaos/instance.ts';
import type { Drive } from './drive.ts';

/** The state of the process at one time. */
export interface Sample {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly checks: number;
  readonly tokens: number;
  /** Since the previous sample. */
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Bytes. */
  readonly resident: number;
  readonly heap: number;
  readonly external: number;
  readonly files: number;
  /** Milliseconds, 99th percentile, in the last second. */
  readonly loopDelay: number;
}

/** Samples the process, and the checks since `before`. */
export async function takeSample(
  peerproof: Instance,
  drive: Drive,
  at: number,
  before: Sample | undefined,
): Promise<Sample> {
  const { checks, latencies } = drive.look();
  const [heap, external, delay] = await Promise.all(
    [
      'nodejs_heap_size_used_bytes',
      'nodejs_external_memory_bytes',
      'peerproof_event_loop_delay_seconds{stat="p99"}',
    ].map((name) => peerproof.metric(name)),
  );
  return {
    at,
    checks: drive.checks,
    tokens: drive.tokens,
    perSecond: checks / (at - (before?.at ?? 0)),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    resident: residentOf(peerproof.pid),
    heap: heap ?? 0,
    external: external ?? 0,
    files: readdirSync(`/proc/${peerproof.pid}/fd`).length,
    loopDelay: (delay ?? 0) * 1000,
  };
}

/** Its resident bytes. */
export function residentOf(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}
