import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a stand-in for an API server answers to a request. */
export type Answering = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** An API server that answers what a real one seldom does. */
export interface RuleObjectsServer {
  readonly url: string;
  /** Method and path with query of each request. */
  readonly asked: readonly string[];
  answer: Answering;
  close(): void;
}

export async function startRuleObjectsServer(first: Answering): Promise<RuleObjectsServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    let body = '';
    request.setEncoding('utf8').on('data', (part) => {
      body += part;
    });
    request.on('end', () => standIn.answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: RuleObjectsServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: first,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return standIn;
}

/** An object as the API server has it. */
export function recorded(namespace: string, name: string, more: object = {}, spec: object = { rules: [] }) {
  return {
    metadata: {
      ...{ namespace, name, uid: `uid-of-${namespace}-${name}`, generation: 1, resourceVersion: '10' },
      ...{ creationTimestamp: '2026-11-27T12:00:00Z', managedFields: [{ manager: 'kubectl' }], ...more },
    },
    spec,
  };
}

export const listOfObjects = (items: readonly object[], more: object = {}) =>
  JSON.stringify({ kind: 'AuthorizationRulesList', metadata: { resourceVersion: '100', ...more }, items });

/** One line of a watch. */
export const event = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
