import type { Config } from '../config/schema.ts';
import type { EventLoop } from '../operate/event-loop.ts';
import type { LineDestination } from '../operate/log-destination.ts';
import type { CacheState, IssuerState } from '../operate/states.ts';
import type { LimitState } from './console-source.ts';

/** What the limits of a process are compared with. */
export interface Used {
  readonly inFlight: number;
  readonly issuers: readonly IssuerState[];
  readonly caches: readonly CacheState[];
  readonly loop: Pick<EventLoop, 'delay'>;
  readonly queue: LineDestination['queue'];
}

/** Every limit of a process that can be reached, and how much of it is used now. */
export function limitStates(
  { inFlight, issuers, caches, loop, queue }: Used,
  { waitingChecks, eventLoopDelay }: Config['limits'],
): readonly LimitState[] {
  const waiting = issuers.reduce((sum, { bulkhead }) => sum + bulkhead.waiting, 0);
  return [
    { name: 'Checks in flight', used: inFlight, limit: undefined, unit: 'checks' },
    { name: 'Checks that wait for issuers', used: waiting, limit: waitingChecks, unit: 'checks' },
    { name: 'Event loop delay', used: loop.delay.mean, limit: eventLoopDelay / 1_000, unit: 'seconds' },
    ...(queue ? [{ name: 'Log queue', ...queue, unit: 'bytes' as const }] : []),
    ...caches.map(({ cache, bytes, capacity }) => ({
      ...{ name: `Cache of ${cache}`, used: bytes, limit: capacity, unit: 'bytes' as const },
    })),
  ];
}
