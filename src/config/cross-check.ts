import { listed } from '../lib/excerpt.ts';
import { mapInSteps, type Steps } from '../lib/in-turns.ts';
import { type JsonObject, listOf, recordOf } from '../lib/json.ts';
import { didYouMean, fewHints } from '../lib/nearest.ts';
import { wrongScheme } from '../sources/https-only.ts';
import { crossCheckActors } from './cross-check-actors.ts';
import { crossCheckClient, isOfClients, needsToken } from './cross-check-client.ts';
import { crossCheckDelegate } from './cross-check-delegate.ts';
import { crossCheckDoor } from './cross-check-door.ts';
import { crossCheckDpop } from './cross-check-dpop.ts';
import { crossCheckInternalToken } from './cross-check-internal-token.ts';
import { crossCheckIssuer } from './cross-check-issuer.ts';
import { crossCheckObserve } from './cross-check-observe.ts';
import { crossCheckResourceMetadata } from './cross-check-resource-metadata.ts';
import { crossCheckRevocation } from './cross-check-revocation.ts';
import { crossCheckRoutes, type RawRule, rawRules } from './cross-check-routes.ts';
import { crossCheckRulesFrom } from './cross-check-rules-from.ts';
import { crossCheckStore } from './cross-check-store.ts';
import { crossCheckTelemetry } from './cross-check-telemetry.ts';
import { crossCheckWit } from './cross-check-wit.ts';
import { formatKey } from './document.ts';
import type { Warn, Weakness } from './weakness.ts';

/** Findings that depend on more than one setting, which the schema cannot see. */
export interface CrossCheck {
  readonly findings: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
  /** Files that the configuration names. */
  readonly files: readonly { readonly path: readonly PropertyKey[]; readonly file: string }[];
  readonly weaknesses: readonly Weakness[];
}

/** Requirements of `require` that only a token can meet. */
const ofToken = new Set([
  ...['scopes', 'claims', 'serviceAccounts', 'namespaces', 'pods'],
  ...['actors', 'emails', 'emailDomains', 'when'],
]);

/**
 * Checks references between settings. Works on the raw document, which may have any shape, so that it runs
 * beside the schema: a file with five mistakes gets five errors.
 * @param rules by default those of the document
 */
export function* crossCheck(raw: unknown, rules = rawRules(recordOf(raw))): Steps<CrossCheck> {
  const found: CrossCheck['findings'][number][] = [];
  const files: CrossCheck['files'][number][] = [];
  const weaknesses: Weakness[] = [];
  const say = (path: readonly PropertyKey[], message: string) => found.push({ path, message });
  const warn: Warn = (check, path, message, subject = formatKey(path)) =>
    weaknesses.push({ check, path, subject, message });
  const want = (path: readonly PropertyKey[], file: unknown) =>
    typeof file === 'string' && file !== '' && files.push({ path, file });
  const root = recordOf(raw);
  const issuers = recordOf(root.issuers);
  const trustDomains = Object.keys(recordOf(recordOf(root.peers).trustDomains));
  const knowsTrustDomains = trustDomains.length > 0;
  const hintAtIssuer = fewHints(Object.keys(issuers));
  const configured = listed(Object.keys(issuers), 10) || 'none';

  const seen = new Map<unknown, string>();
  for (const [name, value] of Object.entries(issuers)) {
    const issuer = recordOf(value);
    const path = ['issuers', name];
    // A WIT is found by its trust domain, so its issuer may be that of the JWT-SVIDs too.
    const isWit = issuer.accept === 'wit';
    const other = isWit ? undefined : seen.get(issuer.issuer);
    if (other !== undefined)
      say([...path, 'issuer'], `is also the issuer of ${other}: each iss must be configured once`);
    else if (issuer.issuer !== undefined && !isWit) seen.set(issuer.issuer, name);
    crossCheckIssuer(issuer, trustDomains, {
      say: (key, message) => say([...path, ...key], message),
      want: (key, file) => want([...path, ...key], file),
      warn: (key, message) => warn('insecure-setting', [...path, ...key], message),
    });
  }

  for (const [name, value] of Object.entries(recordOf(recordOf(root.peers).trustDomains))) {
    const domain = recordOf(value);
    const path = ['peers', 'trustDomains', name];
    if (domain.bundle !== undefined && domain.bundleEndpoint !== undefined)
      say([...path, 'bundleEndpoint'], 'cannot be combined with bundle: keep one of them');
    const wrong = wrongScheme(domain.bundleEndpoint, domain.allowInsecureHttp);
    if (wrong) say([...path, 'bundleEndpoint'], wrong);
    for (const key of ['bundle', 'ca']) want([...path, key], domain[key]);
    if (domain.allowInsecureHttp === true)
      warn('insecure-setting', [...path, 'allowInsecureHttp'], 'its bundle is fetched over plain http');
  }

  for (const door of ['grpc', 'http']) {
    const tls = recordOf(recordOf(root[door]).tls);
    for (const key of ['certFile', 'keyFile', 'clientCaFile']) want([door, 'tls', key], tls[key]);
  }
  want(['console', 'passwordFile'], recordOf(root.console).passwordFile);
  crossCheckDoor(root, say, warn);
  crossCheckInternalToken(root, { say, want });
  crossCheckTelemetry(root, { say, want, warn });
  crossCheckRevocation(root, { say, want, warn });
  crossCheckDpop(root, rules, { say, want, warn });
  crossCheckRulesFrom(root, { say, want, warn });
  crossCheckStore(root, { say, want, warn });
  crossCheckResourceMetadata(root, say);

  for (const [id, client] of Object.entries(recordOf(root.clients)))
    for (const [at, name] of listOf(recordOf(client).issuers).entries())
      unknownIssuer(name, ['clients', id, 'issuers', at]);

  const names = new Set<string>();
  yield* mapInSteps(rules, checkRule);
  const owners = crossCheckDelegate(root, trustDomains, say, unknownIssuer);
  for (const name of Object.keys(recordOf(recordOf(recordOf(root.log).sample).rules)))
    if (!names.has(name) && !owners.has(name.split('/')[0] ?? ''))
      say(['log', 'sample', 'rules', name], `is not the name of a rule${didYouMean(name, [...names])}`);
  yield* crossCheckRoutes(root, rules, say, warn);
  crossCheckObserve(root, rules, say, warn);
  crossCheckWit(root, rules, trustDomains, say);
  const open = rules.filter(({ rule }) => acceptsEveryIssuer(rule));
  if (open[0] && Object.keys(issuers).length > 1)
    warn(
      'any-issuer',
      [...open[0].path, 'require', 'issuers'],
      `without require.issuers, tokens of every issuer are accepted: ${Object.keys(issuers).join(', ')}`,
      named(open.map(({ name }) => name)),
    );
  return { findings: found, files, weaknesses };

  function checkRule({ rule, path, name: fullName }: RawRule): void {
    if (rule.name !== undefined && names.has(fullName))
      say([...path, 'name'], 'is the name of another rule too: each name must be unique');
    names.add(fullName);
    const required = recordOf(rule.require);
    if (rule.public === true && rule.require !== undefined)
      say([...path, 'require'], 'cannot be combined with public: remove one of them');
    for (const [at, name] of listOf(required.issuers).entries())
      unknownIssuer(name, [...path, 'require', 'issuers', at]);
    for (const key of ['peers', 'binding'])
      if (
        !knowsTrustDomains &&
        (key === 'peers' ? listOf(required.peers).length > 0 : listOf(required.binding).includes('workload'))
      )
        say([...path, 'require', key], 'needs peers.trustDomains: without it no SPIFFE ID is accepted');
    crossCheckClient(required, root, (key, message) => say([...path, 'require', ...key], message));
    if (listOf(required.binding).includes('none') && !isOfClients(required))
      warn(
        'binding-none',
        [...path, 'require', 'binding'],
        'binding none accepts a stolen token from any sender',
        `rule ${fullName}`,
      );
    crossCheckActors(required.actors, root.clients, (key, message) =>
      say([...path, 'require', 'actors', ...key], message),
    );
    if (required.token === 'optional') checkOptional(required, [...path, 'require']);
    if (needsToken(rule)) checkOpaque(required, path);
    checkProtocol(rule, path);
  }

  function checkOptional(required: JsonObject, path: readonly PropertyKey[]): void {
    for (const key of Object.keys(required).filter((name) => ofToken.has(name)))
      say(
        [...path, key],
        'cannot be combined with token: optional, because a token that may be missing cannot meet it: remove one of them',
      );
  }

  function checkOpaque(required: JsonObject, path: readonly PropertyKey[]): void {
    // A check that the rule refuses is judged again without what is observed.
    const isObserved = listOf(required.observe).includes('issuers');
    const named = isObserved ? [] : listOf(required.issuers);
    const asked = Object.keys(issuers).filter((name) => recordOf(issuers[name]).introspection !== undefined);
    const accepted = named.length === 0 ? asked : asked.filter((name) => named.includes(name));
    if (accepted.length > 1)
      say(
        [...path, 'require', isObserved ? 'observe' : 'issuers'],
        `accepts opaque tokens of ${accepted.join(' and ')}: ${isObserved ? 'remove issuers' : 'name one of them'}, because a token must not be sent to another issuer`,
      );
  }

  function checkProtocol(rule: JsonObject, path: readonly PropertyKey[]): void {
    const [match, required] = [recordOf(rule.match), recordOf(rule.require)];
    const tcp = match.protocol === 'tcp';
    for (const key of tcp ? ['hosts', 'methods', 'paths', 'context'] : [])
      if (match[key] !== undefined)
        say([...path, 'match', key], 'is not possible with protocol tcp: remove it');
    if (!tcp) {
      if (needsToken(rule) && Object.keys(issuers).length === 0)
        say([...path, 'name'], 'needs a token, but issuers is empty: add an issuer, or set public: true');
      return;
    }
    for (const key of Object.keys(required))
      if (key !== 'peers' && key !== 'observe')
        say(
          [...path, 'require', key],
          'is not possible with protocol tcp: a connection has no token, only peers can be required',
        );
    if (rule.public !== true && listOf(required.peers).length === 0)
      say([...path, 'match'], 'with protocol tcp, a rule needs require.peers or public: true');
  }

  function unknownIssuer(name: unknown, path: readonly PropertyKey[]): void {
    if (typeof name === 'string' && !Object.hasOwn(issuers, name))
      say(
        path,
        `is not a configured issuer: ${JSON.stringify(name)}; configured are: ${configured}${hintAtIssuer(name)}`,
      );
  }
}

function acceptsEveryIssuer(rule: JsonObject): boolean {
  return needsToken(rule) && listOf(recordOf(rule.require).issuers).length === 0;
}

/** One short text for any number of rules. */
function named(rules: readonly string[]): string {
  return `${rules.length > 1 ? 'rules' : 'rule'} ${listed(rules, 10)}`;
}
