import { type Check, type Door, failure } from '../core/check.ts';
import type { Evidence } from '../core/evidence.ts';
import { evidenceOfCheck, evidenceOfForwardAuth } from './check-request.ts';
import { type AnswerStyle, httpAnswerOf } from './check-response.ts';
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
  readonly check: Check;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export interface HttpDoor extends HttpServer {
  /** Uses other settings for the following checks. */
  adopt(settings: HttpSettings): void;
}

interface CheckKind {
  readonly evidence: () => Evidence;
  readonly door: Door;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly style: AnswerStyle;
}

/** The door for proxies that ask over HTTP: a check becomes evidence, then a decision, then the answer. */
export async function startHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const { host, port, tls, clock } = options;
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
    const { evidence, door, deadline, style } = kindOf(check);
    try {
      return httpAnswerOf(await options.check(evidence(), door, deadline), style);
    } catch (error) {
      return httpAnswerOf(failure(error), style);
    }
  }

  /** Tells the two kinds of check apart. Nothing else does. */
  function kindOf(check: HttpCheck): CheckKind {
    const { pathPrefix, xfcc, own, forwardAuth, styles } = settings;
    const endpoint = forwardAuth.get(withoutQuery(check.target));
    return endpoint
      ? {
          evidence: () => evidenceOfForwardAuth(check, endpoint),
          door: 'forward-auth',
          deadline: Number.POSITIVE_INFINITY,
          style: styles.forwardAuth,
        }
      : {
          evidence: () => evidenceOfCheck(check, pathPrefix, xfcc, own),
          door: 'http',
          deadline: deadlineOf(check, clock()),
          style: styles.check,
        };
  }
}

function withoutQuery(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** Envoy says in milliseconds how long it waits for this answer. This can only shorten our own limit. */
function deadlineOf({ headers }: HttpCheck, now: number): number {
  const patience = Number(headers['x-envoy-expected-rq-timeout-ms']);
  return patience > 0 ? now + patience : Number.POSITIVE_INFINITY;
}
