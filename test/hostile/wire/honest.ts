import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { withDeadline } from '../../support/wait.ts';

export interface HonestOrders {
  readonly grpcPort: number;
  readonly httpPort: number;
  /** The process that is asked. */
  readonly pid: number;
  /** Good for one rule that covers everything. */
  readonly token: string;
  /** Milliseconds between an answer and the next question. */
  readonly every: number;
}

/** What became of the questions since the last report. */
export interface HonestReport {
  readonly answers: number;
  /**
   * Milliseconds of processor time that the process used until it gave an answer. A question without an answer
   * counts with the time until now. The time that the process itself waits for a processor is not counted.
   */
  readonly slowest: number;
  /** Milliseconds of the wall clock for the answer that took longest. */
  readonly longest: number;
  /** What was wrong with answers, the first of them. */
  readonly wrong: string[];
}

/** How many kinds of questions are asked in turn. */
export const questionKinds = 4;

export interface Honest {
  report(): Promise<HonestReport>;
  stop(): Promise<void>;
}

/** A normal client that sends checks all the time over its own gRPC and HTTP connections. */
export async function startHonest(orders: HonestOrders): Promise<Honest> {
  const worker = new Worker(new URL('./honest-worker.ts', import.meta.url), { workerData: orders });
  const ask = async (order: 'report' | 'stop'): Promise<HonestReport> => {
    const answer = once(worker, 'message');
    worker.postMessage(order);
    return (await withDeadline('the report of the honest caller', 15_000, answer))[0];
  };
  return {
    report: () => ask('report'),
    async stop() {
      await ask('stop').catch(() => undefined);
      await worker.terminate();
    },
  };
}
