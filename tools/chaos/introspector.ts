import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How it answers from now on: at once, late, or never. */
export type IntrospectorBehaviour = { kind: 'ok' } | { kind: 'late'; ms: number } | { kind: 'hang' };

/** An introspection endpoint (RFC 7662) for the opaque tokens that were registered with it. */
export interface Introspector {
  readonly endpoint: string;
  /** Questions so far. */
  readonly asked: number;
  behave(behaviour: IntrospectorBehaviour): void;
  stop(): Promise<void>;
}

/** @param claims the claims of a token; undefined means not active */
export async function startIntrospector(
  claims: (token: string) => Record<string, unknown> | undefined,
): Promise<Introspector> {
  let behaviour: IntrospectorBehaviour = { kind: 'ok' };
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const known = claims(new URLSearchParams(Buffer.concat(chunks).toString()).get('token') ?? '');
    if (behaviour.kind === 'hang') return;
    if (behaviour.kind === 'late') await sleep(behaviour.ms);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(known ? { active: true, ...known } : { active: false }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`,
    get asked() {
      return asked;
    },
    behave(next) {
      behaviour = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
