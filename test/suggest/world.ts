import { parseWithoutFiles } from '../../src/config/load.ts';
import { parseDecisionLine } from '../../src/decision-lines/decision-line.ts';
import { untold } from '../../src/lib/on-step.ts';
import { createReplay } from '../../src/suggest/replay.ts';
import { createCollector } from '../../src/suggest/seen.ts';
import { suggest } from '../../src/suggest/suggest.ts';
import { actClaim } from '../../src/trial/claims.ts';
import { createTrial, type TrialRequest } from '../../src/trial/trial.ts';

export const now = Date.UTC(2026, 0, 1);

const key = '{kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}';
const iss = { login: 'https://login.example', cluster: 'https://cluster.example' } as const;

/** A configuration with these rules, one a line. */
export function configWith(...rules: readonly string[]): string {
  return `issuers:
  login: {issuer: "${iss.login}", audiences: [orders], jwks: {keys: [${key}]}}
  cluster: {issuer: "${iss.cluster}", audiences: [orders], kubernetes: {verify: jwks}}
peers: {trustDomains: {cluster.local: {}}}
clients: {shop: ["spiffe://cluster.local/ns/web/sa/shop"]}
# The first rule that matches decides.
rules:
${rules.map((rule) => `  - ${rule}\n`).join('')}`;
}

export const health = '{name: health, match: {paths: [/healthz]}, public: true}';

/** A caller, as a trial sends it. */
export interface Sender {
  readonly issuer: keyof typeof iss;
  readonly sub: string;
  readonly client?: string;
  readonly peer?: string;
  readonly scopes?: readonly string[];
  /** The current one first. */
  readonly actors?: readonly string[];
  readonly boundBy?: 'certificate' | 'workload' | 'dpop';
}

export const shop = 'spiffe://cluster.local/ns/web/sa/shop';
export const till = 'spiffe://cluster.local/ns/web/sa/till';
export const alice: Sender = {
  ...{ issuer: 'login', sub: 'alice', client: 'shop', peer: shop, scopes: ['read'] },
  boundBy: 'workload',
};
export const account: Sender = {
  ...{ issuer: 'cluster', sub: 'system:serviceaccount:web:till', peer: till },
  boundBy: 'workload',
};

export interface Asked {
  readonly method: string;
  readonly host: string;
  readonly path: string;
}

export const getA: Asked = { method: 'GET', host: 'a.example', path: '/a' };

/** The line that the service writes if it observes a request, or members in their place. */
export function lineOf(
  { issuer, sub, client, peer, scopes, actors: [actor, ...prior] = [], boundBy }: Sender,
  asked: Asked,
  others: Readonly<Record<string, unknown>> = {},
): string {
  const [, account] = /^system:serviceaccount:(.*)$/.exec(sub) ?? [];
  return JSON.stringify({
    ...{ time: '2026-01-01T00:00:00.000Z', decision_id: 'one', effect: 'allow', reason: 'observed' },
    ...{ would_deny: 'no_rule', subject: sub, issuer: iss[issuer], client_id: client, scopes },
    ...{ spiffe_id: peer, bound_by: boundBy, ...asked },
    service_account: account?.replace(':', '/'),
    actor,
    ...(prior.length > 0 && { prior_actors: prior }),
    ...others,
  });
}

/** What is suggested for these lines. */
export async function suggestFor(
  text: string,
  lines: readonly string[],
  { all = false, general = false, destinations = false, limit = 1_000 } = {},
) {
  const loaded = parseWithoutFiles(text, 'peerproof.yaml');
  const { issuers, cluster } = createReplay(loaded, now);
  const collector = createCollector({ config: loaded.config, issuers, cluster }, all, limit);
  for (const one of lines) {
    const line = parseDecisionLine(one);
    if (line) collector.add(line);
  }
  const seen = collector.end();
  return {
    ...(await suggest(loaded, seen, { destinations, general, peers: true, openHosts: true }, now, untold)),
    leftOut: seen.leftOut,
  };
}

/** Asks a configuration about senders. */
export function judgeBy(text: string) {
  const trial = createTrial(parseWithoutFiles(text, 'peerproof.yaml'), now);
  return async (sender: Sender | undefined, asked: Asked): Promise<string> =>
    (await trial.decide({ ...asked, ...(sender && sent(sender)) })).reason;
}

function sent(sender: Sender): Partial<TrialRequest> {
  const { issuer, sub, client, peer, scopes = [], actors = [], boundBy } = sender;
  return {
    ...((peer !== undefined || boundBy === 'certificate') && { peer: { spiffeId: peer } }),
    token: {
      ...{ issuer, bound: boundBy === 'certificate', dpop: boundBy === 'dpop' },
      claims: { sub, ...(client && { azp: client }), scope: scopes.join(' '), act: actClaim(actors) },
    },
  };
}
