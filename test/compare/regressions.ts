import type { TrialRequest } from '../../src/trial/trial.ts';
import type { SeededRandom } from '../support/seeded-random.ts';
import { requestFor } from './made-request.ts';
import { randomRule, type WrittenConfiguration, type WrittenRule } from './random-configuration.ts';

/**
 * Changes a configuration in place so that it probably lets more in, and returns a request that shows it.
 * Undefined if the rule has nothing to change in this way.
 */
type Regression = (
  rule: WrittenRule,
  configuration: WrittenConfiguration,
  random: SeededRandom,
) => TrialRequest | undefined;

type Requirements = NonNullable<WrittenRule['require']>;
type Match = NonNullable<WrittenRule['match']>;

export const regressions: Readonly<Record<string, Regression>> = {
  'widened host': (rule, all, random) => {
    const host = rule.match?.hosts?.find((one) => !one.startsWith('*'));
    if (!rule.match || host === undefined) return undefined;
    const wide = host.replace(/^[^.]+/, '*');
    rule.match.hosts = rule.match.hosts?.map((one) => (one === host ? wide : one)) ?? [];
    return { ...requestFor(rule, all, random), host: wide.replace('*', 'unheard').replace('*', 'of') };
  },
  'dropped hosts': without('hosts', (request) => ({ ...request, host: 'unheard.of' })),
  'dropped paths': without('paths', (request) => ({ ...request, path: '/unheard/of' })),
  'dropped methods': without('methods', (request) => ({ ...request, method: 'OPTIONS' })),
  'added method': (rule, all, random) => {
    const added = ['GET', 'POST', 'PUT', 'DELETE'].find((one) => !rule.match?.methods?.includes(one));
    if (!rule.match?.methods || added === undefined) return undefined;
    rule.match.methods.push(added);
    return { ...requestFor(rule, all, random), method: added };
  },
  'removed method': (rule, all, random) => {
    // The next rule decides about this method then.
    const method = rule.match?.methods?.pop();
    const next = all.rules[all.rules.indexOf(rule) + 1 + random.integer(3)];
    if (!rule.match?.methods?.length || method === undefined || !next) return undefined;
    return { ...requestFor(next, all, random), method };
  },
  '** for *': (rule, all, random) => {
    const path = rule.match?.paths?.find((one) => /\/\*(\/|$)/.test(one));
    if (!rule.match || path === undefined) return undefined;
    const deep = path.replace(/\*(?=\/|$)/, '**');
    rule.match.paths = [deep];
    return { ...requestFor(rule, all, random), path: deep.replaceAll('**', 'a/b/c').replaceAll('*', 'd') };
  },
  'dropped destination': without('destinations', ({ destination: _, ...request }) => request),
  'dropped context': without('context', ({ context: _, ...request }) => request),
  'dropped ports': without('ports', ({ port: _, ...request }) => request),
  'swapped rules': (rule, all, random) => {
    const at = all.rules.indexOf(rule);
    const other = random.integer(all.rules.length);
    const moved = all.rules[other];
    if (!moved || at === other) return undefined;
    all.rules[other] = rule;
    all.rules[at] = moved;
    return requestFor(random.pick([rule, moved]), all, random);
  },
  'removed rule': (rule, all, random) => {
    all.rules.splice(all.rules.indexOf(rule), 1);
    return requestFor(random.pick(all.rules), all, random);
  },
  'added rule': (rule, all, random) => {
    const added = randomRule(random, 'added');
    all.rules.splice(all.rules.indexOf(rule), 0, added);
    return requestFor(added, all, random);
  },
  public: (rule, all, random) => {
    if (!rule.require || rule.match?.protocol === 'tcp') return undefined;
    delete rule.require;
    rule.public = true;
    return requestFor(rule, all, random);
  },
  'dropped scope': required('scopes', (require) => require.scopes?.pop()),
  'dropped actors': required('actors', (require) => delete require.actors),
  'another actor': required('actors', ({ actors }) => actors?.allow?.[0]?.who.push('batch')),
  'any subject': required('actors', ({ actors }) => delete actors?.allow?.[0]?.for),
  'a longer chain': required('actors', ({ actors }) => {
    if (actors?.allow) actors.maxLength = (actors.maxLength ?? 1) + 1;
  }),
  'no actor': required('actors', ({ actors }) => {
    if (actors?.allow) actors.optional = true;
  }),
  'dropped claim': required('claims', (require) => delete require.claims),
  'added claim value': (rule, all, random) => {
    const { claims } = rule.require ?? {};
    if (!claims?.tenant) return undefined;
    claims.tenant = [claims.tenant, 'newcomer'].flat();
    return withClaims(requestFor(rule, all, random), { tenant: 'newcomer' });
  },
  'added issuer': (rule, all, random) => {
    const { issuers } = rule.require ?? {};
    const added = ['corp', 'partner'].find((one) => !issuers?.includes(one));
    if (!rule.require || !issuers || added === undefined) return undefined;
    const request = requestFor({ ...rule, require: { ...rule.require, issuers: [added] } }, all, random);
    issuers.push(added);
    return request;
  },
  'every issuer': required('issuers', (require) => delete require.issuers),
  'binding none': required('binding', (require) => {
    require.binding = ['none'];
  }),
  'binding workload too': (rule, all, random) => {
    const { binding } = rule.require ?? {};
    if (!rule.require || binding?.includes('workload') || !binding) return undefined;
    binding.push('workload');
    return requestFor({ ...rule, require: { ...rule.require, binding: ['workload'] } }, all, random);
  },
  'widened peers': (rule, all, random) => {
    const { peers } = rule.require ?? {};
    const last = peers?.[0];
    if (!rule.require || last === undefined) return undefined;
    rule.require.peers = [last.replace(/[^/]+$/, random.pick(['*', '**']))];
    return requestFor(
      { ...rule, require: { ...rule.require, peers: [last.replace(/[^/]+$/, 'new')] } },
      all,
      random,
    );
  },
  'dropped peers': required('peers', (require) => delete require.peers),
  'widened ServiceAccount': (rule, all, random) => {
    const { serviceAccounts } = rule.require ?? {};
    const wide = serviceAccounts?.[0]?.replace(/[^/]+$/, '*');
    if (!rule.require || wide === undefined) return undefined;
    serviceAccounts?.push(wide);
    const narrow = [wide.replace('*', 'new').replace('*', 'new')];
    return requestFor({ ...rule, require: { ...rule.require, serviceAccounts: narrow } }, all, random);
  },
  'dropped ServiceAccounts': required('serviceAccounts', (require) => delete require.serviceAccounts),
  'dropped namespaces': required('namespaces', (require) => delete require.namespaces),
  'dropped pods': required('pods', (require) => delete require.pods),
  'added e-mail address': required('emails', (require) => {
    require.emails = ['carl@corp.example'];
  }),
  'added e-mail domain': required('emailDomains', (require) => {
    require.emailDomains = ['new.example'];
  }),
  'dropped condition': required('when', (require) => delete require.when),
  'weaker condition': (rule, all, random) => {
    const { when } = rule.require ?? {};
    if (!rule.require || when === undefined) return undefined;
    const weaker = when.replace('>= 3', '>= 2').replace("'auditor'", "'guest'").replace("'web'", "'jobs'");
    if (weaker === when) return undefined;
    rule.require.when = weaker;
    const request = requestFor(rule, all, random);
    const peer = 'spiffe://mesh.example/ns/jobs/sa/nightly';
    if (when.includes('peer')) return { ...withClaims(request, { sub: peer }), peer: { spiffeId: peer } };
    return withClaims(request, { level: 2, roles: ['guest'] });
  },
  'added audience': (rule, all, random) => {
    const request = requestFor(rule, all, random);
    all.issuers[request.token?.issuer ?? '']?.audiences.push('new-api');
    return withClaims(request, { aud: 'new-api' });
  },
  'no audience': (rule, all, random) => {
    const request = requestFor(rule, all, random);
    Object.assign(all.issuers[request.token?.issuer ?? ''] ?? {}, { allowInsecureNoAudience: true });
    return withClaims(request, { aud: null });
  },
  'no expiry': (rule, all, random) => {
    const request = requestFor(rule, all, random);
    Object.assign(all.issuers[request.token?.issuer ?? ''] ?? {}, { allowInsecureNoExpiry: true });
    return withClaims(request, { exp: null });
  },
  'another issuer': (rule, all, random) => {
    const { corp } = all.issuers;
    if (!corp || rule.require?.issuers) return undefined;
    all.issuers.added = { ...corp, issuer: 'https://added.example' };
    const request = requestFor(rule, all, random);
    return request.token ? { ...request, token: { ...request.token, issuer: 'added' } } : undefined;
  },
  'another trust domain': (rule, all, random) => {
    all.peers.trustDomains['new.example'] = {};
    const request = requestFor(rule, all, random);
    return { ...request, peer: { spiffeId: 'spiffe://new.example/ns/web/sa/shop' } };
  },
  'widened client': (rule, all, random) => {
    const request = requestFor(rule, all, random);
    const client = request.token?.clientId ?? 'shop';
    all.clients[client] = ['spiffe://mesh.example/**'];
    if (request.token?.clientId) {
      const id = 'spiffe://mesh.example/ns/new/sa/new';
      return { ...withClaims(request, { sub: 'system:serviceaccount:new:new' }), peer: { spiffeId: id } };
    }
    return withClaims(request, { client_id: client, cnf: null, sub: 'someone' });
  },
  'another client': (rule, all, random) => {
    all.clients.added = ['spiffe://mesh.example/**'];
    return withClaims(requestFor(rule, all, random), { client_id: 'added', cnf: null, sub: 'someone' });
  },
  gateways: (rule, all, random) => {
    all.peers.gateways = ['spiffe://mesh.example/ns/edge/sa/gateway'];
    const request = requestFor(rule, all, random);
    return { ...request, peer: { ...request.peer, via: 'spiffe://mesh.example/ns/edge/sa/gateway' } };
  },
  'unverified e-mail': (rule, all, random) => {
    if (!rule.require?.emails && !rule.require?.emailDomains) return undefined;
    all.identity = { allowInsecureUnverifiedEmail: true };
    return withClaims(requestFor(rule, all, random), { email_verified: null });
  },
  'ignored port': (rule, all, random) => {
    if (all.rules.some(({ match }) => match?.hosts?.some((host) => host.includes(':')))) return undefined;
    all.hosts = { ignorePort: true };
    const request = requestFor(rule, all, random);
    return { ...request, host: `${request.host}:9443` };
  },
  'ignored case': (rule, all, random) => {
    all.paths = { ignoreCase: true };
    const request = requestFor(rule, all, random);
    return { ...request, path: request.path.toUpperCase() };
  },
};

function without(key: keyof Match, show: (request: TrialRequest) => TrialRequest): Regression {
  return (rule, all, random) => {
    if (rule.match?.[key] === undefined) return undefined;
    const request = requestFor(rule, all, random);
    delete rule.match[key];
    return show(request);
  };
}

function required(key: keyof Requirements, change: (require: Requirements) => unknown): Regression {
  return (rule, all, random) => {
    if (rule.require?.[key] === undefined) return undefined;
    change(rule.require);
    return requestFor(rule, all, random);
  };
}

/** `null` takes a claim away. */
function withClaims(request: TrialRequest, claims: object): TrialRequest {
  const { token } = request;
  if (!token) return request;
  const bound = 'cnf' in claims ? false : token.bound;
  return { ...request, token: { ...token, bound, claims: { ...token.claims, ...claims } } };
}
