import type { Check } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import type { Evidence } from '../core/evidence.ts';
import { failure } from '../core/outcome.ts';
import { alwaysAnswered, type Soon } from '../lib/soon.ts';
import { Answers } from './answers.ts';
import { withBody } from './body.ts';
import { evidenceOfCheck, evidenceOfForwardAuth, type ForwardAuth } from './check-request.ts';
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
  /** Whether a check needs the body of its request. Asked only if there is one. */
  readonly needsBody: (evidence: Evidence) => boolean;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export interface HttpDoor extends HttpServer {
  /** Uses other settings for the following checks. */
  adopt(settings: HttpSettings): void;
}

/** The door for proxies that ask over HTTP: a check becomes evidence, then a decision, then the answer. */
export async function startHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const { host, port, tls, clock } = options;
  let running = prepared(options.settings);
  const server = await startHttpServer({ host, port, tls, answer });
  return {
    ...server,
    adopt(next) {
      running = prepared(next);
    },
  };

  /** Never throws and never rejects. */
  function answer(check: HttpCheck): Soon<HttpAnswer> {
    const { forwardAuth, answers } = running;
    // Tells the two kinds of check apart. Nothing else does.
    const endpoint = forwardAuth.size > 0 ? forwardAuth.get(withoutQuery(check.target)) : undefined;
    const written = endpoint ? answers.forwardAuth : answers.check;
    return alwaysAnswered(
      () => (endpoint ? decideForwardAuth(check, endpoint) : decideCheck(check)),
      (decision) => written.to(decision),
      (error) => written.to(failure(error)),
    );
  }

  function decideCheck(check: HttpCheck): Soon<Decision> {
    const { pathPrefix, xfcc, own } = running;
    const evidence = evidenceOfCheck(check, pathPrefix, xfcc, own);
    const deadline = deadlineOf(check, clock());
    return check.readBody && options.needsBody(evidence)
      ? check.readBody().then((body) => options.check(withBody(evidence, body), 'http', deadline))
      : options.check(evidence, 'http', deadline);
  }

  function decideForwardAuth(check: HttpCheck, endpoint: ForwardAuth): Soon<Decision> {
    return options.check(evidenceOfForwardAuth(check, endpoint), 'forward-auth', Number.POSITIVE_INFINITY);
  }
}

function prepared({ styles: { check, forwardAuth }, ...settings }: HttpSettings) {
  return { ...settings, answers: { check: new Answers(check), forwardAuth: new Answers(forwardAuth) } };
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
