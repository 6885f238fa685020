import { stringify } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { serve } from '../../src/serve/start.ts';

/** One line of the decision log. */
// biome-ignore lint/suspicious/noExplicitAny: tests read single members of a line
export type LogLine = any;

/** A Peerproof in this process, with everything it ever logged. */
export interface Peerproof {
  readonly grpcPort: number;
  /** 0 where the configuration does not open the HTTP door. */
  readonly httpPort: number;
  readonly adminPort: number;
  /** 0 where the configuration does not open it. */
  readonly metadataPort: number;
  /** 0 where the public keys of internal tokens are not shown. */
  readonly keysPort: number;
  /** Resolves when every issuer was tried once. */
  readonly ready: Promise<void>;
  readonly lines: readonly string[];
  /** The decision log without the service log. */
  decisions(): LogLine[];
  decision(id: string): LogLine;
  /** A page of the admin port. */
  page(path: string): Promise<{ status: number; body: string }>;
  /** The value of one sample of `/metrics`, summed over all that carry these labels. 0 if there is none. */
  metric(name: string, labels?: Record<string, string>): Promise<number>;
  /** Uses this configuration from now on, as after a change of its file. @throws if it is refused */
  reload(text: string): Promise<void>;
  drain(): Promise<void>;
}

/** The configuration as a file would hold it, with free ports and a drain that does not wait. `http` opens its door. */
export function configText(config: ConfigInput): string {
  return stringify({
    drain: { delay: '0ms', timeout: '2s' },
    ...config,
    listen: {
      grpc: '127.0.0.1:0',
      ...(config.http && { http: '127.0.0.1:0' }),
      admin: '127.0.0.1:0',
      ...config.listen,
    },
  });
}

/** Reads one page over HTTP. */
export async function fetchPage(port: number, path: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(20_000) });
  return { status: answer.status, body: await answer.text() };
}

/** Starts it by the same code as `serve`; does not wait until it is ready. */
export async function startPeerproof(config: ConfigInput): Promise<Peerproof> {
  const lines: string[] = [];
  let loaded = parseConfig(configText(config), 'test.yaml');
  const running = await serve(loaded, {
    log: { write: (line: string) => lines.push(line) },
    reload: { load: () => loaded, files: [] },
  });
  const page = (path: string) => fetchPage(running.adminPort, path);
  const decisions = () => lines.map((line) => JSON.parse(line)).filter((line) => line.decision_id);
  return {
    grpcPort: running.grpcPort,
    httpPort: running.httpPort ?? 0,
    adminPort: running.adminPort,
    metadataPort: running.metadataPort ?? 0,
    keysPort: running.keysPort ?? 0,
    ready: running.ready,
    lines,
    decisions,
    decision: (id) => {
      const found = decisions().filter((line) => line.decision_id === id);
      if (found.length !== 1) throw new Error(`${found.length} log lines for decision ${id}`);
      return found[0];
    },
    page,
    metric: async (name, labels = {}) => {
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      return (await page('/metrics')).body
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
        .filter((line) => wanted.every((pair) => line.includes(pair)))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
    reload: async (text) => {
      loaded = parseConfig(text, 'test.yaml');
      await running.reload?.();
    },
    drain: running.drain,
  };
}
