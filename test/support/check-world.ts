import { pino } from 'pino';
import { parseConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { type Check, createCheck } from '../../src/core/check.ts';
import type { Decision } from '../../src/core/decision.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import type { Policy } from '../../src/core/judgement.ts';
import { UsedMemory } from '../../src/core/used/used-memory.ts';
import type { UsedProofs } from '../../src/core/used/used-proofs.ts';
import { checkResponseOf } from '../../src/grpc/check-response.ts';
import { createGeneration } from '../../src/serve/generation.ts';
import type { RunningIssuer } from '../../src/serve/running-issuers.ts';
import { createRevocations } from '../../src/serve/running-revocations.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { explained } from './answers.ts';
import type { Issued } from './ca.ts';
import { type ReceivedResponse, receiveResponse } from './check-wire.ts';

/** When everything happens: the clock of the checks stands still unless a test moves it. */
export const NOW = Date.UTC(2030, 0, 15, 12);

/** The parts of a check. By default: GET https://orders.example.com/orders, without a peer and without a token. */
export interface Presented {
  token?: string;
  /** Instead of `Bearer <token>`. */
  authorization?: string;
  headers?: Record<string, string>;
  method?: string;
  host?: string;
  path?: string;
  certificate?: Issued;
  principal?: string;
  context?: Record<string, string>;
  body?: string;
}

/** The decision, and Envoy's view of it after a trip through the real protocol. */
export interface Answer {
  decision: Decision;
  response: ReceivedResponse;
}

/** A configuration at work in memory: issuers, pipeline, deadline and translation, without any server. */
export interface CheckWorld {
  readonly policy: Policy;
  readonly decide: Check;
  readonly clock: { now: number };
  readonly issuers: readonly RunningIssuer[];
  check(presented?: Presented): Promise<Answer>;
  /** A check of the TCP filter. */
  connect(peer: { certificate?: Issued; principal?: string }, port?: number): Promise<Answer>;
  stop(): void;
}

export function evidenceFor(presented: Presented): Evidence {
  const { token, authorization = token && `Bearer ${token}`, certificate, principal } = presented;
  return {
    request: {
      method: presented.method ?? 'GET',
      host: presented.host ?? 'orders.example.com',
      path: presented.path ?? '/orders',
      headers: { ...(authorization !== undefined && { authorization }), ...presented.headers },
      ...(presented.body !== undefined && { body: presented.body }),
    },
    peer: {
      ...(certificate && { certificate: certificate.urlEncodedPem }),
      ...(principal !== undefined && { principal }),
    },
    destination: { principal: '', port: 0 },
    context: presented.context ?? {},
  };
}

/** Goes the way of `serve`: the configuration is read by the schema, its issuers are made by their sources. */
export async function createCheckWorld(
  config: ConfigInput,
  options: {
    now?: number;
    files?: Record<string, string>;
    checkTimeout?: number;
    usedProofs?: UsedProofs;
  } = {},
): Promise<CheckWorld> {
  const loaded = parseConfig(JSON.stringify(config), 'test.yaml');
  const clock = { now: options.now ?? NOW };
  const context = {
    clock: () => clock.now,
    bulkheads: new Bulkheads(() => loaded.config.limits.waitingChecks),
    usedProofs: options.usedProofs ?? new UsedMemory(() => loaded.config.limits.usedProofMemory),
    revocations: createRevocations({
      ...{
        clock: () => clock.now,
        log: pino({ level: 'silent' }),
        store: undefined,
        opened: () => undefined,
      },
      settings: () => loaded.config.revocation,
    }),
    report: () => {},
  };
  const { policy, issuers, sources } = createGeneration(loaded, context);
  await Promise.all([...sources].map((source) => source.start()));
  let id = 0;
  const decide = createCheck({
    stopwatch: () => performance.now(),
    policy: () => policy,
    observer: { started: () => {}, decided: () => {} },
    clock: () => clock.now,
    newId: () => `decision-${++id}`,
    limits: () => ({ checkTimeout: options.checkTimeout ?? 5_000 }),
  });
  const answer = async (evidence: Evidence): Promise<Answer> => {
    const decision = await decide(evidence, 'grpc', Number.POSITIVE_INFINITY);
    return { decision, response: receiveResponse(checkResponseOf(decision, explained)) };
  };
  return {
    policy,
    decide,
    clock,
    issuers,
    check: (presented = {}) => answer(evidenceFor(presented)),
    connect: ({ certificate, principal }, port = 5432) =>
      answer({
        peer: {
          ...(certificate && { certificate: certificate.urlEncodedPem }),
          ...(principal !== undefined && { principal }),
        },
        destination: { principal: '', port },
        context: {},
      }),
    stop: () => {
      for (const source of sources) source.stop();
    },
  };
}
