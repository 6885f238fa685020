import type { JsonObject } from '../../src/lib/json.ts';
import type { TrialRequest } from '../../src/trial/trial.ts';
import type { SeededRandom } from '../support/seeded-random.ts';
import type { WrittenConfiguration, WrittenRule } from './random-configuration.ts';

/** How each condition of the generator becomes true. */
const truths: readonly (readonly [part: string, claims: JsonObject, headers?: Record<string, string>])[] = [
  ["request.headers['x-tenant']", { tenant: 'acme' }, { 'x-tenant': 'acme' }],
  ['claims.level', { level: 3, region: 'eu' }],
  ['auditor', { roles: ['auditor'] }],
  ['claims.tenant', { tenant: 'acme' }],
];

/**
 * A request of a test's own making, which shares no code with what it tests. The rule would allow it, if no
 * other rule stands before it. Chooses among the alternatives of the rule.
 */
export function requestFor(
  { name, match = {}, require = {}, public: isPublic }: WrittenRule,
  { issuers }: WrittenConfiguration,
  random: SeededRandom,
): TrialRequest {
  const one = (list: readonly string[] | undefined, other: string) =>
    list?.length ? random.pick(list) : other;
  const port = match.ports?.[0];
  const request: TrialRequest = {
    method: one(match.methods, random.pick(['GET', 'PATCH'])),
    host: filled(one(match.hosts, `${name}.example`), '.', random),
    path: filled(one(match.paths, random.pick(['/', '/some/where'])), '/', random) || '/',
    ...(match.destinations && { destination: filled(one(match.destinations, ''), '/', random) }),
    ...(port !== undefined && { port }),
    ...(match.context && { context: match.context }),
  };
  const account = one(require.serviceAccounts, 'web/shop').split('/');
  const [namespace = '', serviceAccount = ''] = account.map((part) => (part === '*' ? 'web' : part));
  const workload = `spiffe://mesh.example/ns/${namespace}/sa/${serviceAccount}`;
  const peer = { spiffeId: filled(one(require.peers, workload), '/', random) };
  if (match.protocol === 'tcp') return { ...request, peer, protocol: 'tcp' };
  if (isPublic) return request;
  const issuer = one(require.issuers, random.pick(Object.keys(issuers)));
  const [, truth = {}, headers] = truths.find(([part]) => require.when?.includes(part)) ?? [];
  const domain = require.emailDomains?.[0]?.replace(/^\./, 'a.');
  const email = require.emails ? random.pick(require.emails) : domain && `ann@${domain}`;
  const claims: Record<string, unknown> = {
    ...(require.scopes && { scope: require.scopes.join(' ') }),
    ...truth,
    ...(email && { email, email_verified: true }),
    ...(issuer === 'cluster' && { sub: `system:serviceaccount:${namespace}:${serviceAccount}` }),
    ...(issuer === 'cluster' &&
      require.pods && {
        'kubernetes.io': { namespace, serviceaccount: { name: serviceAccount }, pod: { name: 'pod-0' } },
      }),
  };
  for (const [claim, values] of Object.entries(require.claims ?? {})) {
    const value = typeof values === 'string' ? values : random.pick(values);
    if (claim === '/realm/team') claims.realm = { team: value };
    else if (!(claim in truth && values.includes(String(truth[claim])))) claims[claim] = value;
  }
  const binding = require.binding ?? ['certificate', 'workload'];
  if (!binding.includes('certificate') && issuer !== 'cluster') claims.sub = peer.spiffeId;
  const entry = require.actors?.allow && random.pick(require.actors.allow);
  if (entry && !(require.actors?.optional && random.next() < 0.3)) {
    const length = 1 + random.integer(require.actors?.maxLength ?? 1);
    const names = Array.from({ length }, () => filled(random.pick(entry.who), '/', random));
    claims.act = names.reduceRight<object | undefined>(
      (act, sub) => ({ sub, ...(act && { act }) }),
      undefined,
    );
    if (entry.for) claims.sub = filled(random.pick(entry.for), '/', random);
    if (names[0]?.startsWith('spiffe:') && binding.includes('workload') && !require.peers)
      peer.spiffeId = names[0];
  }
  return {
    ...request,
    ...(headers && { headers }),
    peer,
    token: {
      ...{ issuer, claims, bound: binding.includes('certificate') },
      ...(require.credential && { clientId: random.pick(['shop', 'batch']) }),
    },
  };
}

/** A value of a pattern. */
export function filled(pattern: string, separator: '.' | '/', random: SeededRandom): string {
  const word = () => random.pick(['some', 'thing', 'web', 'shop', 'orders', 'items']);
  return pattern
    .split(separator)
    .flatMap((part) => {
      if (part === '*') return [word()];
      if (part !== '**') return [part];
      return Array.from({ length: separator === '.' ? 1 : random.integer(3) }, word);
    })
    .join(separator);
}
