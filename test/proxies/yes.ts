import { createServer } from 'node:http';
import type { ExecutionContext } from 'ava';
import type { Answer } from '../support/client.ts';
import { listen } from '../support/listening.ts';
import { received } from '../support/mesh.ts';
import { managed } from './orders.ts';

/** Stands in for Peerproof: lets everything pass, with every header that Peerproof ever sets. */
export interface Yes {
  readonly port: number;
  stop(): void;
}

/** As long as the value of an identity header can be. */
const LONG = 'g'.repeat(8_192);
/** Peerproof always removes it. */
const given = managed.filter((name) => name !== 'x-client-certificate');

function givenValue(name: string): string {
  return name === 'x-auth-request-groups' ? LONG : `of ${name}`;
}

export async function startYes(): Promise<Yes> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(202, Object.fromEntries(given.map((name) => [name, givenValue(name)])));
    response.end();
  });
  const port = await listen(server);
  return {
    port,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Asserts that the application got every header of such an answer once, and a client's own ones not. */
export function assertAllArrived(t: ExecutionContext, answer: Answer): void {
  t.is(answer.status, 200);
  for (const name of given) t.deepEqual(received(answer, name), [givenValue(name)], name);
  t.false(answer.body.includes('forged'));
}
