import type { LoadedConfig } from '../config/load.ts';
import type { Decision } from '../core/decision.ts';
import { Denial } from '../core/denial.ts';
import type { Evidence } from '../core/evidence.ts';
import { actClaim } from '../trial/claims.ts';
import { createJudge } from '../trial/judge.ts';
import { createTrial } from '../trial/trial.ts';
import { callerKey, type ObservedRequest, type SeenCaller } from './observation.ts';

/** Asks a configuration about observed requests. */
export interface Replay {
  /** The decision of the service's own check. */
  decide(request: ObservedRequest, caller: SeenCaller): Promise<Decision>;
  /** The name of the rule that takes the request. Its ports and its context are not known. */
  ruleOf(request: ObservedRequest): string | undefined;
  /** Names of issuers by their `iss`, and the one whose `iss` is not in the configuration. */
  readonly issuers: ReadonlyMap<string, string>;
  readonly cluster: string | undefined;
}

/**
 * Rebuilds observed requests with tokens and certificates of a trial. Of a token, the log tells the subject,
 * the client, the actors, the scopes and the issuer: other claims are **not** rebuilt. One token serves all requests of a
 * caller, so that a long log takes seconds.
 * @param now milliseconds since the epoch
 */
export function createReplay(loaded: LoadedConfig, now: number): Replay {
  const trial = createTrial(loaded, now);
  const judge = createJudge(trial.policy, now);
  const known = new Map<string, Evidence>();
  const presented = async (caller: SeenCaller, request: ObservedRequest): Promise<Evidence> => {
    // A proof by DPoP names its request, so it serves no other one.
    const proven = caller.binding === 'dpop' ? request : nowhere;
    const key = JSON.stringify([callerKey(caller), caller.binding, proven]);
    const evidence = known.get(key) ?? (await trial.evidence(requestOf(caller, proven)));
    known.set(key, evidence);
    return evidence;
  };
  const entries = Object.entries(loaded.config.issuers);
  const [cluster, ...others] = entries.filter(([, { issuer, kubernetes }]) => kubernetes && !issuer);
  return {
    decide: async (request, caller) => judge(asked(await presented(caller, request), request)),
    ruleOf(request) {
      const route = trial.policy.routes.match(asked(anyone, request));
      return route instanceof Denial ? undefined : route.rule.name;
    },
    issuers: new Map([...trial.issuers].map(([name, { issuer }]) => [issuer.iss ?? '', name])),
    cluster: others.length === 0 ? cluster?.[0] : undefined,
  };
}

const nowhere = { method: 'GET', host: 'localhost', path: '/' };
const anyone: Evidence = {
  request: { ...nowhere, headers: {} },
  peer: {},
  destination: { principal: '', port: 0 },
  context: {},
};

function requestOf(
  { issuer, peer, account, subject, client, actors, scopes, binding }: SeenCaller,
  { method, host, path }: typeof nowhere,
) {
  const [namespace, name] = account.split('/');
  return {
    ...{ method, host, path },
    // A certificate can prove a token without naming a workload.
    ...((peer !== '' || binding === 'certificate') && { peer: peer === '' ? {} : { spiffeId: peer } }),
    token: {
      issuer,
      bound: binding === 'certificate',
      dpop: binding === 'dpop',
      claims: {
        sub: account === '' ? subject : `system:serviceaccount:${namespace}:${name}`,
        ...(client !== '' && { client_id: client }),
        ...(actors !== '' && { act: actClaim(JSON.parse(actors) as string[]) }),
        ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      },
    },
  };
}

function asked(evidence: Evidence, { method, host, path, destination }: ObservedRequest): Evidence {
  return {
    ...evidence,
    request: { headers: {}, ...evidence.request, method, host, path },
    destination: { principal: destination, port: 0 },
  };
}
