import { generateKeyPairSync } from 'node:crypto';
import { request } from 'node:http';
import type { ExecutionContext } from 'ava';
import { openConsole } from '../../src/cli/console.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { serve } from '../../src/serve/start.ts';
import { httpCheck, openCheckClient } from './check-client.ts';
import { configText } from './peerproof.ts';
import { waitFor } from './wait.ts';

export interface ConsoleAnswerRead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The paths below `/console` that are answered, one of each kind. */
export const consolePaths = [
  '/console',
  '/console/main.js',
  '/console/api/state',
  '/console/api/rules',
  '/console/api/configuration',
  '/console/api/decisions',
  '/console/api/explain',
];

export const rules: ConfigInput['rules'] = [
  { name: 'health', match: { paths: ['/healthz'] }, public: true },
  { name: 'orders', match: { paths: ['/orders/**'] }, require: { binding: ['none'] } },
];

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });

/** An issuer whose keys are here: nothing is fetched. */
const issuers: ConfigInput['issuers'] = {
  corp: { issuer: 'https://login.example', audiences: ['orders'], jwks: { keys: [{ ...key, kid: 'one' }] } },
};

/** A service with a console in this process, and what it logged. */
export async function startConsole(t: ExecutionContext, config: Partial<ConfigInput> = {}) {
  const lines: string[] = [];
  let text = configText({ issuers, rules, ...config });
  const running = await serve(parseConfig(text, 'test.yaml'), {
    log: { write: (line) => lines.push(line) },
    reload: { load: () => parseConfig(text, 'test.yaml'), files: [] },
    openConsole,
  });
  await running.ready;
  t.teardown(() => running.drain());
  const client = openCheckClient(running.grpcPort);
  t.teardown(() => client.close());
  const { adminPort } = running;
  return {
    adminPort,
    lines,
    ask: (path: string, options?: AskOptions) => askPort(adminPort, path, options),
    read: async (path: string) => JSON.parse((await askPort(adminPort, path)).body),
    explain: (asked: unknown, headers?: AskOptions['headers']) =>
      askPort(adminPort, '/console/api/explain', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(asked),
      }),
    /** One check of a path, without a token. */
    check: (path: string, host = 'orders.example') => {
      const asked = httpCheck();
      const { http } = asked.attributes?.request ?? {};
      if (http) Object.assign(http, { path, host, method: 'GET' });
      return client.check(asked);
    },
    reload: async (next: string) => {
      text = next;
      await running.reload?.();
    },
  };
}

/** One request as a browser or another program sends it: each header is sent as it is. */
export function askPort(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: AskOptions = {},
): Promise<ConsoleAnswerRead> {
  const { promise, resolve, reject } = Promise.withResolvers<ConsoleAnswerRead>();
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
    const isStream = response.headers['content-type'] === 'text/event-stream';
    const done = (read: string) =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read });
    if (isStream) {
      done('');
      sent.destroy();
      return;
    }
    let read = '';
    response.setEncoding('utf8').on('data', (piece: string) => {
      read += piece;
    });
    response.on('end', () => done(read));
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

/** Reads the stream of decisions. */
export function readStream(t: ExecutionContext, port: number, filter = '') {
  const messages: { readonly left: number; readonly lines: readonly Record<string, unknown>[] }[] = [];
  let rest = '';
  const path = `/console/api/decisions?filter=${encodeURIComponent(filter)}`;
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const sent = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
    opened.resolve();
    response.setEncoding('utf8').on('data', (piece: string) => {
      const parts = (rest + piece).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) if (part.startsWith('data: ')) messages.push(JSON.parse(part.slice(6)));
    });
    response.on('error', () => undefined).once('close', closed.resolve);
  });
  sent.on('error', () => undefined).end();
  t.teardown(() => sent.destroy());
  const lines = () => messages.flatMap((message) => message.lines);
  return {
    opened: opened.promise,
    closed: closed.promise,
    lines,
    left: () => messages.reduce((sum, { left }) => sum + left, 0),
    close: () => sent.destroy(),
    /** Resolves when so many decisions have come. */
    waitFor: (count: number) => waitFor(`${count} decisions`, 10_000, async () => lines().length >= count),
  };
}
