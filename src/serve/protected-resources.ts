import type { ProtectedResourceConfig } from '../config/resource-metadata-schema.ts';
import type { Config } from '../config/schema.ts';
import { type HostPattern, parseHostPattern } from '../core/policy/host.ts';
import { normalizePath } from '../core/policy/path.ts';
import type { Rule } from '../core/policy/rule.ts';
import { type ProtectedResource, type Resources, wellKnown } from '../core/resource/resource.ts';
import { acceptsIssuer, type Issuer } from '../core/token/issuers.ts';
import type { ProfileName } from '../core/token/profiles.ts';
import { mapInSteps, type Steps } from '../lib/in-turns.ts';
import { Malformed } from '../lib/malformed.ts';
import { overlaps } from '../lib/overlaps.ts';
import type { Pattern } from '../lib/pattern.ts';
import { describeProofs, type Members } from './advertised-proofs.ts';

/** How long a cache may keep a document, in seconds. A reload can change it. */
const freshFor = 300;
/** Steps of comparing one rule with one resource. A rule that needs more is left out. */
const mostSteps = 100_000;
/** Scopes that a document names, and their characters: rules of teams have scopes too, and everyone reads it. */
const mostScopes = 200;
const longestScope = 128;

/** Makes the resources of a configuration, with their documents. Undefined if there are none. */
export function* makeResources(
  config: Config,
  rules: readonly Rule[],
  issuers: readonly Issuer[],
): Steps<Resources | undefined> {
  const { resourceMetadata, hosts, paths } = config;
  if (resourceMetadata.length === 0) return undefined;
  const asking = rules.filter(({ match, public: isPublic, credential }) => {
    return match.protocol === 'http' && !isPublic && credential === 'bearer';
  });
  const list: ProtectedResource[] = [];
  for (const resource of resourceMetadata) {
    const place = placeOf(resource, paths);
    const near = (yield* mapInSteps(asking, (rule) => (meets(rule, place) ? [rule] : []))).flat();
    const { resource: identifier, document } = resource;
    const bindings = near.map(({ binding }) => binding);
    const answer = answerOf({
      resource: identifier,
      ...describeRules(near, issuers),
      ...describeProofs(bindings, config),
      ...document,
    });
    list.push({ ...place, answer });
  }
  return { list: list.toSorted((a, b) => b.prefix.length - a.prefix.length), reading: hosts };
}

type Place = Omit<ProtectedResource, 'answer'>;

/** RFC 9728 §3.1: the well-known part comes between host and path. A path that is only a slash is none. */
function placeOf({ resource, hosts }: ProtectedResourceConfig, reading: Config['paths']): Place {
  const url = new URL(resource);
  const { origin, pathname } = url;
  const path = normalizePath(pathname, { ...reading, ignoreTrailingSlash: true });
  if (path instanceof Malformed) throw new TypeError(path.why);
  const documentPath = `${wellKnown}${pathname === '/' ? '' : pathname}`;
  return {
    hosts: hosts ?? hostsOf(url),
    prefix: path.segments,
    documentPath,
    documentUrl: `${origin}${documentPath}`,
  };
}

/** A client may name the usual port, which a URL leaves out. */
function hostsOf({ host, port, protocol }: URL): readonly HostPattern[] {
  const usual = port === '' ? [host, `${host}:${protocol === 'http:' ? 80 : 443}`] : [host];
  return usual.flatMap((text) => {
    const pattern = parseHostPattern(text);
    return pattern instanceof Malformed ? [] : [pattern];
  });
}

/** Whether some request to the resource can match the rule. */
function meets({ match }: Rule, { hosts, prefix }: Place): boolean {
  if (match.protocol !== 'http') return false;
  const effort = { left: mostSteps };
  const below: Pattern = [...prefix, '**'];
  const meet = (one: Pattern, other: Pattern) => overlaps(one, other, effort);
  return (
    (match.hosts.length === 0 ||
      match.hosts.some((one) =>
        hosts.some((other) => one.tail === other.tail && meet(one.labels, other.labels)),
      )) &&
    (match.paths.length === 0 || match.paths.some((one) => meet(one, below)))
  );
}

/** Tokens of other profiles do not come from an authorization server. */
const ofAuthorizationServers: ReadonlySet<ProfileName> = new Set(['any', 'at+jwt', 'id-token']);

/** What clients have to know to meet the rules: the members of RFC 9728 §2 that follow from them. */
function describeRules(rules: readonly Rule[], issuers: readonly Issuer[]): Members {
  const servers = issuers
    .filter(({ profile }) => ofAuthorizationServers.has(profile))
    .filter(({ name }) => rules.some((rule) => acceptsIssuer(rule.issuers, name)));
  const scopes = new Set(rules.flatMap((rule) => rule.scopes.filter(({ length }) => length <= longestScope)));
  return {
    authorization_servers: servers.flatMap(({ iss }) => (iss && URL.canParse(iss) ? [iss] : [])),
    scopes_supported: [...scopes].slice(0, mostScopes),
    bearer_methods_supported: ['header'],
  };
}

/** Members without a value and empty lists are left out (RFC 9728 §3.2). Pages of any origin may read it. */
function answerOf(members: Members): ProtectedResource['answer'] {
  const filled = Object.entries(members).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return {
    status: 200,
    headers: [
      ['content-type', 'application/json'],
      ['cache-control', `public, max-age=${freshFor}`],
      ['access-control-allow-origin', '*'],
      ['x-content-type-options', 'nosniff'],
    ],
    body: JSON.stringify(Object.fromEntries(filled)),
  };
}
