import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { httpCheck, openCheckClient } from '../../support/check-client.ts';
import { headersOf } from '../../support/check-wire.ts';
import { openClient } from '../../support/client.ts';
import type { HonestOrders, HonestReport } from './honest.ts';

/**
 * Somebody who asks as a proxy does, in a thread of their own, so that an attacker's busy loop is not taken for a slow
 * server. Every answer is compared; what is wrong, late or missing is told.
 */
const { grpcPort, httpPort, token, every } = workerData as HonestOrders;
const grpc = openCheckClient(grpcPort);
const http = openClient({ port: httpPort }, 1);
let report: HonestReport = { answers: 0, slowest: 0, wrong: [] };
let running = true;
/** When the question was asked that has no answer yet. */
let asked: number | undefined;

/** One question each, with what is wrong about the answer; undefined where nothing is. */
const questions: readonly (() => Promise<string | undefined>)[] = [
  async () => {
    const { status, okResponse } = await grpc.check(httpCheck(token));
    const user = headersOf(okResponse?.headers)['x-auth-request-user'];
    return (status?.code ?? 0) === 0 && user === 'alice'
      ? undefined
      : `gRPC, good token: ${JSON.stringify(status)} ${user}`;
  },
  async () => {
    const { status, deniedResponse } = await grpc.check(httpCheck(`${token.slice(0, -4)}AAAA`));
    const code = deniedResponse?.status?.code;
    return status?.code === 16 && Number(code) === 401
      ? undefined
      : `gRPC, bad token: ${status?.code} ${code}`;
  },
  async () => {
    const answer = await http.request({ path: '/orders', headers: [['authorization', `Bearer ${token}`]] });
    return answer.status === 200 && answer.header('x-auth-request-user') === 'alice'
      ? undefined
      : `HTTP, good token: ${answer.status}`;
  },
  async () => {
    const answer = await http.request({ path: '/orders' });
    return answer.status === 401 ? undefined : `HTTP, no token: ${answer.status}`;
  },
];

async function ask(): Promise<void> {
  for (let turn = 0; running; turn++) {
    const began = performance.now();
    asked = began;
    const question = questions[turn % questions.length] as (typeof questions)[number];
    const wrong = await question().catch((error: Error) => `no answer: ${error.message}`);
    const took = performance.now() - began;
    asked = undefined;
    const { answers, slowest } = report;
    report = { answers: answers + 1, slowest: Math.max(slowest, took), wrong: report.wrong };
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
  const waiting = asked === undefined ? 0 : performance.now() - asked;
  parentPort?.postMessage({ ...report, slowest: Math.max(report.slowest, waiting) });
  report = { answers: 0, slowest: 0, wrong: [] };
  if (order === 'stop') parentPort?.close();
});
