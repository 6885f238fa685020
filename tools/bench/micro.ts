import { hash, randomUUID } from 'node:crypto';
import { importJWK, type JWK, jwtVerify } from 'jose';
import { parseConfig } from '../../src/config/load.ts';
import { authorize } from '../../src/core/authorize.ts';
import { createCheck } from '../../src/core/check.ts';
import type { Decision } from '../../src/core/decision.ts';
import { parseCertificate } from '../../src/core/peer/certificate.ts';
import { RouteIndex } from '../../src/core/policy/route-index.ts';
import type { Rule } from '../../src/core/policy/rule.ts';
import { type CachedToken, verifyToken } from '../../src/core/token/verify-token.ts';
import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { checkResponseOf } from '../../src/grpc/check-response.ts';
import { Cache } from '../../src/lib/cache.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { createMetrics } from '../../src/operate/metrics.ts';
import { createPolicy } from '../../src/serve/create-policy.ts';
import { createIssuers } from '../../src/serve/running-issuers.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { checkMethod as check } from './frame.ts';
import type { Material } from './material.ts';
import { median } from './statistics.ts';

/** One part alone: what it is, and microseconds an operation. */
export type Part = readonly [name: string, microseconds: number];

const batches = 7;
const batchTime = 60;

/** The parts of a check, each alone in a loop: an upper bound of what making one of them faster can bring. */
export async function measureParts(material: Material): Promise<readonly Part[]> {
  const { tokens, peer, signers } = material;
  const { config, files, resolve } = parseConfig(JSON.stringify(material.config), 'bench');
  const context = { files, resolve, clock: Date.now, report: () => undefined };
  const issuers = createIssuers(config, { ...context, bulkheads: new Bulkheads(() => 1_000) });
  const policy = createPolicy(
    config,
    issuers.map(({ issuer }) => issuer),
    (token) => hash('sha256', token, 'base64url'),
    new Map(),
  );
  const message = check.requestSerialize(material.request as CheckRequest);
  const request = check.requestDeserialize(message);
  const evidence = evidenceOf(request);
  const decision = await decideOnce();
  if (decision.effect !== 'allow') throw new Error(`the decision is ${decision.reason}`);
  const style = { realm: 'bench', body: 'explained' } as const;
  const response = checkResponseOf(decision, style);
  const moment = () => ({ now: Date.now(), deadline: Date.now() + 1000 });
  const nothing = new Cache<CachedToken>(0, () => 1);
  const writeDecision = createDecisionLog({ write: () => undefined });
  const metrics = createMetrics(() => []);

  const parts: Part[] = [];
  for (const alg of ['RS256', 'ES256'] as const) {
    const key = await importJWK(signers[alg].publicJwk as JWK, alg);
    const options = { issuer: 'https://login.example.com', audience: 'orders', algorithms: [alg] };
    const next = inTurn(tokens[alg]);
    parts.push([`jose.jwtVerify ${alg}`, await time(() => jwtVerify(next(), key, options))]);
    parts.push([
      `verifyToken ${alg}, nothing remembered`,
      await time(() => verifyToken(next(), policy.tokens, nothing, policy.digest, moment())),
    ]);
  }
  parts.push(
    ['parseCertificate', await time(() => parseCertificate(peer.urlEncodedPem))],
    ['authorize, token and certificate remembered', await time(() => authorize(evidence, policy, moment()))],
    ['decode CheckRequest (protobufjs)', await time(() => check.requestDeserialize(message))],
    [
      'evidenceOf + checkResponseOf',
      await time(() => [evidenceOf(request), checkResponseOf(decision, style)]),
    ],
    ['encode CheckResponse', await time(() => check.responseSerialize(response))],
    ['decision log line', await time(() => writeDecision(decision, evidence, 'grpc', 42, Date.now()))],
    [
      'metrics',
      await time(() => {
        metrics.started();
        metrics.decided(decision, 'grpc', 42);
      }),
    ],
    ['RouteIndex.find, 10 rules', await time(finder(10))],
    ['RouteIndex.find, 10,000 rules', await time(finder(10_000))],
  );
  return parts;

  async function decideOnce(): Promise<Decision> {
    const observer = { started: () => undefined, decided: () => undefined };
    const options = {
      policy: () => policy,
      observer,
      clock: Date.now,
      stopwatch: () => performance.now(),
      newId: randomUUID,
      limits: () => ({ checkTimeout: 5000 }),
    };
    return createCheck(options)(evidence, 'grpc', Date.now() + 5000);
  }
}

/** Microseconds an operation, the median of several batches after one that only warms up. */
async function time(operation: () => unknown): Promise<number> {
  const batch = async (count: number) => {
    const start = performance.now();
    for (let index = 0; index < count; index++) {
      const result = operation();
      if (result instanceof Promise) await result;
    }
    return performance.now() - start;
  };
  let count = 64;
  for (let took = await batch(count); took < batchTime; took = await batch(count))
    count *= took < batchTime / 8 ? 4 : 2;
  const times: number[] = [];
  for (let index = 0; index < batches; index++) times.push(((await batch(count)) * 1000) / count);
  return median(times);
}

function inTurn<T>(list: readonly T[]): () => T {
  let at = 0;
  return () => list[at++ % list.length] as T;
}

/** Looks for rules spread over the whole index; every tenth has wildcards in host and path. */
function finder(count: number): () => Rule | undefined {
  const match = (index: number) => ({
    host: index % 10 === 0 ? ['*', `tenant-${index}`, 'example'] : [`api-${index}`, 'example', 'com'],
    path: index % 10 === 0 ? ['v1', '*', `items-${index}`, '**'] : ['v1', `orders-${index}`, '**'],
  });
  const rules = Array.from({ length: count }, (_, index): Rule => {
    const { host, path } = match(index);
    return {
      name: `rule-${index}`,
      match: {
        protocol: 'http',
        hosts: [{ labels: host, tail: '' }],
        methods: ['POST'],
        paths: [path],
        context: {},
        ports: [],
        destinations: [],
      },
      public: true,
      issuers: [],
      scopes: [],
      claims: [],
      serviceAccount: { serviceAccounts: [], namespaces: [], pods: [] },
      allowLists: undefined,
      when: undefined,
      credential: 'bearer',
      peers: [],
      binding: [],
    };
  });
  const index = new RouteIndex(rules);
  const spread = Array.from({ length: 1000 }, (_, at) => {
    const number = (at * 7919) % count;
    const { host, path } = match(number);
    const concrete = (segments: readonly string[]) =>
      segments.map((one) => (one.startsWith('*') ? 'any' : one));
    return { name: `rule-${number}`, host: concrete(host), path: concrete(path) };
  });
  const next = inTurn(spread);
  const destination = undefined;
  return () => {
    const { name, host, path } = next();
    const rule = index.find({
      destination,
      port: 0,
      host: { labels: host, tail: '' },
      method: 'POST',
      path,
      context: {},
    });
    if (rule?.name !== name) throw new Error(`${rule?.name} was found for ${name}`);
    return rule;
  };
}
