import { parseInject } from '../../src/inject/load.ts';
import type { InjectConfigInput } from '../../src/inject/schema.ts';
import { startInject } from '../../src/inject/start.ts';
import { fetchPage, type LogLine } from '../support/peerproof.ts';

/** A `peerproof inject` in this process, with everything it ever logged. */
export interface Injector {
  readonly grpcPort: number;
  readonly lines: readonly string[];
  logged(): LogLine[];
  decisions(): LogLine[];
  page(path: string): Promise<{ status: number; body: string }>;
  drain(): Promise<void>;
}

/** Starts it by the same code as the command, on free ports, and waits until it is ready. */
export async function startInjector(
  config: Partial<InjectConfigInput> & Pick<InjectConfigInput, 'tokens'>,
  clock: () => number = Date.now,
): Promise<Injector> {
  const lines: string[] = [];
  const whole: InjectConfigInput = {
    listen: { grpc: '127.0.0.1:0', admin: '127.0.0.1:0' },
    drain: { delay: '0ms', timeout: '2s' },
    ...config,
  };
  const running = await startInject(parseInject(JSON.stringify(whole), 'test.yaml'), {
    log: { write: (line: string) => lines.push(line) },
    clock,
  });
  await running.ready;
  const logged = () => lines.map((line) => JSON.parse(line));
  return {
    grpcPort: running.grpcPort,
    lines,
    logged,
    decisions: () => logged().filter((line) => line.decision_id),
    page: (path) => fetchPage(running.adminPort, path),
    drain: running.drain,
  };
}
