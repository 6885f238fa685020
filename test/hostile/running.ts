import * as grpc from '@grpc/grpc-js';
import { parseConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { serve } from '../../src/serve/start.ts';
import { checkCodec, type ReceivedResponse } from '../support/check-wire.ts';
import { configText, type LogLine } from '../support/peerproof.ts';

/** A Peerproof as `serve` makes it, whose clock stands where the cases are. */
export interface Running {
  readonly grpcPort: number;
  /** 0 where the configuration does not open the HTTP door. */
  readonly httpPort: number;
  /** What it logged since this was last asked, as written; the service log is left out. */
  newLines(): string[];
  drain(): Promise<void>;
}

/** Starts it and waits until each issuer was tried once. */
export async function startRunning(config: ConfigInput, clock: () => number): Promise<Running> {
  const lines: string[] = [];
  const running = await serve(parseConfig(configText(config), 'test.yaml'), {
    log: { write: (line: string) => lines.push(line) },
    clock,
  });
  await running.ready;
  return {
    grpcPort: running.grpcPort,
    httpPort: running.httpPort ?? 0,
    newLines: () => lines.splice(0).filter((line) => line.includes('"decision_id":')),
    drain: running.drain,
  };
}

/** Several of them by name; where one cannot be started, the others are ended. */
export async function startAll<Name extends string>(
  configs: Readonly<Record<Name, ConfigInput>>,
  clock: () => number,
): Promise<Record<Name, Running>> {
  const running = {} as Record<Name, Running>;
  try {
    for (const name of Object.keys(configs) as Name[])
      running[name] = await startRunning(configs[name], clock);
  } catch (error) {
    await endAll(running);
    throw error;
  }
  return running;
}

/** Ends them when their calls are answered. */
export async function endAll(running: Readonly<Record<string, Running>>): Promise<void> {
  await Promise.all(Object.values(running).map(({ drain }) => drain()));
}

/** The one line of a decision that was made since the last question. */
export function onlyLine(running: Running, title: string): { readonly text: string; readonly line: LogLine } {
  const lines = running.newLines();
  const [text] = lines;
  if (text === undefined || lines.length > 1)
    throw new Error(`${title}: ${lines.length} decisions instead of one\n${lines.join('')}`);
  return { text, line: JSON.parse(text) };
}

/** Sends whatever bytes as a CheckRequest, over a connection of its own. */
export interface BytesClient {
  /** Rejects with grpc-js's ServiceError. */
  send(bytes: Buffer, deadlineMs?: number): Promise<ReceivedResponse>;
  close(): void;
}

/** Opens it; the connection is its own. */
export function openBytesClient(port: number): BytesClient {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
  });
  return {
    send: (bytes, deadlineMs = 60_000) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          '/envoy.service.auth.v3.Authorization/Check',
          (message: Buffer) => message,
          checkCodec.responseDeserialize,
          bytes,
          { deadline: Date.now() + deadlineMs },
          (error: grpc.ServiceError | null, answer?: ReceivedResponse) =>
            error ? reject(error) : resolve(answer as ReceivedResponse),
        );
      }),
    close: () => client.close(),
  };
}
