import { type Condition, compileCondition } from '../../../../src/core/policy/condition/condition.ts';
import type { ConditionFacts } from '../../../../src/core/policy/condition/facts.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { ids, noon, spiffe } from '../../peer/world.ts';

export interface FactsText {
  claims?: Record<string, unknown>;
  headers?: Record<string, string>;
  request?: Partial<Omit<ConditionFacts['request'], 'headers'>>;
  path?: string;
  /** `unsure`: the proxy may have read another one. */
  host?: string;
  token?: Partial<Omit<ConditionFacts['token'], 'claims'>>;
  peer?: ConditionFacts['peer'] | 'none';
  serviceAccount?: ConditionFacts['serviceAccount'] | 'none';
  now?: number;
}

/** The facts of a good request, with what is said otherwise. */
export function facts({
  claims = {},
  headers = {},
  request = {},
  host = 'orders.example.com',
  path = '/orders/1',
  token = {},
  peer = { source: 'xfcc', spiffeId: spiffe(ids.client), thumbprint: 'thumb', via: spiffe(ids.gateway) },
  serviceAccount = {
    namespace: 'applications',
    name: 'oauthclient',
    uid: 'u',
    pod: 'oauthclient-0',
    podUid: 'p',
    node: 'worker-1',
    nodeUid: 'n',
    credentialId: 'JTI=7',
    secret: undefined,
  },
  now = noon,
}: FactsText): ConditionFacts {
  return {
    request: { method: 'POST', headers, ...request },
    host: host === 'unsure' ? undefined : host,
    path,
    token: {
      subject: 'alice',
      issuer: 'corp',
      iss: undefined,
      clientId: 'shop',
      scopes: ['orders.read', 'orders.write'],
      audiences: ['orders'],
      claims,
      ...token,
    },
    peer: peer === 'none' ? undefined : peer,
    serviceAccount: serviceAccount === 'none' ? undefined : serviceAccount,
    now,
  };
}

export function condition(source: string): Condition {
  const compiled = compileCondition(source);
  if (compiled instanceof Malformed) throw new TypeError(`${source}: ${compiled.why}`);
  return compiled;
}

/** The reason alone, or `met`. */
export function outcome(source: string, about: FactsText): string {
  return condition(source).check(facts(about))?.reason ?? 'met';
}

/** What a token carries: nothing but JSON, with own members of any name. */
export function json(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}
