import { setTimeout as sleep } from 'node:timers/promises';
import { CallClient } from '../bench/call-client.ts';
import { frameOf, statusCode } from '../bench/frame.ts';
import type { Stage } from './scenario.ts';

/** The answers to checks that were sent without a proxy. */
export interface DirectAnswers {
  /** Answers by `status.code`. -1 counts missing answers. */
  readonly codes: ReadonlyMap<number, number>;
  readonly longest: number;
}

export interface Askers {
  readonly inFlight: number;
  /** Milliseconds that each sender waits after an answer. */
  readonly pause: number;
}

/** Sends checks straight to the gRPC port: faster than Envoy would, for floods. */
export async function askDirectly(
  port: number,
  count: number,
  check: (index: number) => object,
  isOver: () => boolean = () => false,
  { inFlight, pause }: Askers = { inFlight: 64, pause: 0 },
): Promise<DirectAnswers> {
  const client = new CallClient(port);
  const codes = new Map<number, number>();
  let [sent, longest] = [0, 0];
  const slot = async () => {
    while (sent < count && !isOver()) {
      const began = performance.now();
      const answer = await client.call(frameOf(check(sent++))).catch(() => undefined);
      const code = (answer && statusCode(answer)) ?? -1;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      longest = Math.max(longest, performance.now() - began);
      if (pause > 0) await sleep(pause);
    }
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, slot));
  } finally {
    client.close();
  }
  return { codes, longest };
}

/** Sends many checks of one path, each with a token that is none, and notes how they were answered. */
export async function floodDirectly(
  { world, note }: Pick<Stage, 'world' | 'note'>,
  count: number,
  path: string,
): Promise<void> {
  const { codes, longest } = await askDirectly(world.peerproof.grpcPort, count, () => checkOf('..', path));
  const answers = [...codes].map(([code, times]) => `${times} × ${code}`).join(', ');
  note(`${answers} to the flood, within ${Math.round(longest)} ms each`);
}

/** An HTTP check with a token, as a proxy without mTLS sends it. */
export function checkOf(token: string, path: string): object {
  return {
    attributes: {
      request: {
        http: { method: 'GET', host: 'app.test', path, headers: { authorization: `Bearer ${token}` } },
      },
    },
  };
}
