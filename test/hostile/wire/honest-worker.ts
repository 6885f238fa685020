import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { httpCheck, openCheckClient } from '../../support/check-client.ts';
import { headersOf } from '../../support/check-wire.ts';
import { openClient } from '../../support/client.ts';
import type { HonestOrders, HonestReport } from './honest.ts';
import { processorTime } from './processor-time.ts';

/**
 * Somebody who asks as a proxy does, in a thread of their own, so that an attacker's busy loop is not taken for a slow
 * server. Every answer is compared; what is wrong, late or missing is told.
 */
const { grpcPort, httpPort, pid, token, every } = workerData as HonestOrders;
const grpc = openCheckClient(grpcPort);
const http = openClient({ port: httpPort }, 1);
/** Longer than any answer may take: `withstands` judges that. */
const deadlineMs = 90_000;
const nothing = { answers: 0, slowest: 0, longest: 0 };
let report: HonestReport = { ...nothing, wrong: [] };
let running = true;
/** A point in time, by the wall clock and by that of the process. */
const now = () => ({ wall: performance.now(), processor: processorTime(pid) });
/** When the question was asked that has no answer yet. */
let asked: ReturnType<typeof now> | undefined;

/** The report with a question that has taken from then until now. */
function including(began: ReturnType<typeof now>): HonestReport {
  const { wall, processor } = now();
  const longest = wall - began.wall;
  // A tick may be over just when the question begins.
  const slowest = Math.min(longest, processor - began.processor);
  return {
    ...report,
    slowest: Math.max(report.slowest, slowest),
    longest: Math.max(report.longest, longest),
  };
}

/** One question each, with what is wrong about the answer; undefined where nothing is. */
const questions: readonly (() => Promise<string | undefined>)[] = [
  async () => {
    const { status, okResponse } = await grpc.check(httpCheck(token), deadlineMs);
    const user = headersOf(okResponse?.headers)['x-auth-request-user'];
    return (status?.code ?? 0) === 0 && user === 'alice'
      ? undefined
      : `gRPC, good token: ${JSON.stringify(status)} ${user}`;
  },
  async () => {
    const { status, deniedResponse } = await grpc.check(httpCheck(`${token.slice(0, -4)}AAAA`), deadlineMs);
    const code = deniedResponse?.status?.code;
    return status?.code === 16 && Number(code) === 401
      ? undefined
      : `gRPC, bad token: ${status?.code} ${code}`;
  },
  async () => {
    const headers = [['authorization', `Bearer ${token}`]] as const;
    const answer = await http.request({ path: '/orders', headers, deadlineMs });
    return answer.status === 200 && answer.header('x-auth-request-user') === 'alice'
      ? undefined
      : `HTTP, good token: ${answer.status}`;
  },
  async () => {
    const answer = await http.request({ path: '/orders', deadlineMs });
    return answer.status === 401 ? undefined : `HTTP, no token: ${answer.status}`;
  },
];

async function ask(): Promise<void> {
  for (let turn = 0; running; turn++) {
    const began = now();
    asked = began;
    const question = questions[turn % questions.length] as (typeof questions)[number];
    const wrong = await question().catch((error: Error) => `no answer: ${error.message}`);
    asked = undefined;
    report = { ...including(began), answers: report.answers + 1 };
    if (wrong !== undefined && report.wrong.length < 20) report.wrong.push(wrong);
    await sleep(every);
  }
}

const asking = ask();
parentPort?.on('message', async (order: 'report' | 'stop') => {
  if (order === 'stop') {
    running = false;
    await asking;
    grpc.close();
    http.close();
  }
  parentPort?.postMessage(asked === undefined ? report : including(asked));
  report = { ...nothing, wrong: [] };
  if (order === 'stop') parentPort?.close();
});
