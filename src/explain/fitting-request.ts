import { tokenProfile } from '../config/issuer-schema.ts';
import type { Config, RuleConfig } from '../config/schema.ts';
import { kubernetesWorkload, parseSpiffeId, type SpiffePattern } from '../core/peer/spiffe-id.ts';
import { clientsOf } from '../core/policy/clients-by-workload.ts';
import { claimPath } from '../core/token/claim-path.ts';
import type { JsonObject } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { actClaim } from '../trial/claims.ts';
import type { TrialToken } from '../trial/trial.ts';
import type { TrialPeer } from '../trial/trial-peer.ts';

/** A sender and a token that a rule would accept, as far as that can be told from its lists. */
export interface Fitting {
  readonly peer: TrialPeer;
  readonly token: TrialToken | undefined;
  /** Of a rule whose clients send no token. */
  readonly client?: string;
}

/**
 * Makes them up. What a line of the log does not say is assumed to be in order. Does **not** meet conditions.
 * @param known the SPIFFE ID and the issuer that are known
 */
export function fittingRequest(
  config: Config,
  rule: RuleConfig | undefined,
  known: { readonly spiffeId: string | undefined; readonly issuer: string | undefined },
): Fitting {
  const require = rule?.require;
  const domains = Object.keys(config.peers.trustDomains ?? {});
  const usual = domains[0] === undefined ? undefined : `spiffe://${domains[0]}/ns/default/sa/default`;
  const spiffeId = known.spiffeId ?? exampleOf(require?.peers[0]) ?? usual;
  const peer = { spiffeId };
  if (require?.credential === 'client-certificate')
    return { peer, token: undefined, client: clientFor(config, spiffeId) };
  const issuer = known.issuer ?? issuerFor(config, require);
  if (issuer === undefined) return { peer, token: undefined };
  const [email] = require?.emails ?? [];
  const [domain] = require?.emailDomains ?? [];
  const address = email ?? (domain && `someone@${domain.replace(/^\./, 'x.')}`);
  const profile = profileOf(config, issuer);
  const isOfWorkload = ['jwt-svid', 'service-account', 'wit'].includes(profile ?? '');
  const dpop = !isOfWorkload && require?.binding?.includes('dpop') && !accepts(require, 'certificate');
  const clientId = require?.credential === 'client-assertion' ? Object.keys(config.clients)[0] : undefined;
  return {
    peer,
    token: {
      issuer,
      // A token of a workload is not bound to a certificate.
      bound: !isOfWorkload && accepts(require, 'certificate'),
      dpop,
      clientId,
      claims: {
        ...claimsOf(require),
        ...(require && require.scopes.length > 0 && { scope: require.scopes.join(' ') }),
        ...(address && { email: address, email_verified: true }),
        ...subjectOf(profile, spiffeId, require),
        ...actorsFor(require),
      },
    },
  };
}

type Require = RuleConfig['require'];

/** The first client that is registered for the workload. Empty: none is. */
function clientFor({ clients }: Config, spiffeId: string | undefined): string {
  const id = parseSpiffeId(spiffeId ?? '');
  return id instanceof Malformed ? '' : (clientsOf(id, new Map(Object.entries(clients)))[0] ?? '');
}

function accepts(require: Require, proof: 'certificate' | 'workload'): boolean {
  return require?.binding?.includes(proof) ?? true;
}

function profileOf({ issuers }: Config, name: string) {
  const issuer = issuers[name];
  return issuer && tokenProfile(issuer);
}

/** The first issuer that the rule accepts, and that issues tokens of the kind that it wants. */
function issuerFor(config: Config, require: Require): string | undefined {
  const wantsAccount =
    require && [...require.serviceAccounts, ...require.namespaces, ...require.pods].length > 0;
  const names = require && require.issuers.length > 0 ? require.issuers : Object.keys(config.issuers);
  const ofKind = (kinds: readonly string[]) =>
    names.find((name) => kinds.includes(profileOf(config, name) ?? ''));
  if (wantsAccount) return ofKind(['service-account']);
  if (require?.credential === 'client-assertion') return ofKind(['service-account', 'jwt-svid']);
  if (require?.credential === 'wit') return ofKind(['wit']);
  return ofKind(['any', 'at+jwt', 'id-token']) ?? names[0];
}

/** The workload itself is the subject of its own tokens. */
function subjectOf(profile: string | undefined, spiffeId: string | undefined, require: Require): JsonObject {
  if (profile === 'jwt-svid' || profile === 'wit') return { sub: spiffeId };
  if (profile !== 'service-account') return {};
  const id = parseSpiffeId(spiffeId ?? '');
  const own = id instanceof Malformed ? undefined : kubernetesWorkload(id);
  const wanted = require?.serviceAccounts[0]?.map((part) => (part === '*' ? 'default' : part));
  const [namespace, name] = own ? [own.namespace, own.serviceAccount] : (wanted ?? ['default', 'default']);
  return accountClaims(`${namespace}/${name}`, undefined);
}

/** The claims of a ServiceAccount token. @param account `namespace/name` */
export function accountClaims(account: string, pod: string | undefined): JsonObject {
  const [namespace, name] = account.split('/');
  const own = { namespace, serviceaccount: { name }, ...(pod !== undefined && { pod: { name: pod } }) };
  return { sub: `system:serviceaccount:${namespace}:${name}`, 'kubernetes.io': own };
}

/** An actor that the rule accepts, for a subject that it may act for. */
function actorsFor(require: Require): JsonObject {
  const [entry] = require?.actors?.allow ?? [];
  if (!entry || require?.actors?.optional) return {};
  const nameOf = (party: (typeof entry.who)[number] | undefined) =>
    party && (party.pattern ? exampleOf(party.pattern) : party.text);
  const actor = nameOf(entry.who[0]);
  const subject = nameOf(entry.for[0]);
  return {
    ...(actor !== undefined && { act: actClaim([actor]) }),
    ...(subject !== undefined && { sub: subject }),
  };
}

function claimsOf(require: Require): JsonObject {
  const claims: Record<string, unknown> = {};
  for (const [claim, values] of Object.entries(require?.claims ?? {})) {
    const path = claimPath(claim);
    let at = claims;
    for (const step of path.slice(0, -1)) {
      const inner = (at[step] ?? {}) as Record<string, unknown>;
      at[step] = inner;
      at = inner;
    }
    at[path.at(-1) ?? claim] = Array.isArray(values) ? values[0] : values;
  }
  return claims;
}

/** A SPIFFE ID that matches. */
export function exampleOf(pattern: SpiffePattern | undefined): string | undefined {
  return pattern?.text.replace(/(?<=\/)\*\*?(?=\/|$)/g, 'default');
}
