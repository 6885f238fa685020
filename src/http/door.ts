import { type Check, failure } from '../core/check.ts';
import { evidenceOfCheck, evidenceOfForwardAuth } from './check-request.ts';
import { httpAnswerOf } from './check-response.ts';
import type { HttpSettings } from './settings.ts';
import {
  type HttpAnswer,
  type HttpCheck,
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from './transport/server.ts';

export interface HttpDoorOptions extends Omit<HttpServerOptions, 'answer'> {
  readonly settings: HttpSettings;
  readonly decide: Check;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export interface HttpDoor extends HttpServer {
  /** Takes other settings for the checks to come. */
  adopt(settings: HttpSettings): void;
}

/** The door for proxies that ask over HTTP: what they send becomes evidence, is decided and answered. */
export async function startHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const { host, port, tls, decide, clock } = options;
  let { settings } = options;
  const server = await startHttpServer({ host, port, tls, answer });
  return {
    ...server,
    adopt(next) {
      settings = next;
    },
  };

  /** Never rejects. */
  async function answer(check: HttpCheck): Promise<HttpAnswer> {
    const { pathPrefix, xfcc, own, forwardAuth, styles } = settings;
    const endpoint = forwardAuth.get(withoutQuery(check.target));
    const style = endpoint ? styles.forwardAuth : styles.check;
    try {
      const evidence = endpoint
        ? evidenceOfForwardAuth(check, endpoint)
        : evidenceOfCheck(check, pathPrefix, xfcc, own);
      const [door, deadline] = endpoint
        ? (['forward-auth', Number.POSITIVE_INFINITY] as const)
        : (['http', deadlineOf(check, clock())] as const);
      return httpAnswerOf(await decide(evidence, door, deadline), style);
    } catch (error) {
      return httpAnswerOf(failure(error), style);
    }
  }
}

function withoutQuery(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** How long Envoy waits for this answer, which it says in milliseconds. It can only shorten our own limit. */
function deadlineOf({ headers }: HttpCheck, now: number): number {
  const patience = Number(headers['x-envoy-expected-rq-timeout-ms']);
  return patience > 0 ? now + patience : Number.POSITIVE_INFINITY;
}
