import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { closer, listen } from '../../test/support/listening.ts';

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
  const stop = closer(server);
  const port = await listen(server);
  return {
    endpoint: `http://127.0.0.1:${port}/introspect`,
    get asked() {
      return asked;
    },
    behave(next) {
      behaviour = next;
    },
    stop,
  };
}
