import type { ConfigInput } from '../config/schema.ts';
import { Malformed } from '../lib/malformed.ts';
import type { AudienceRule } from './audience.ts';
import type { GroupRule } from './groups.ts';
import { regexToPath } from './path-of-regex.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import type { PathsElsewhere } from './target.ts';

type RuleInput = ConfigInput['rules'][number];

/** The caller: Envoy sends the request itself, another proxy sends a request about it. */
export type Mode = 'envoy' | 'proxy';

/** One entry of `--skip-auth-route` or `--skip-auth-regex`. */
interface Route {
  readonly method: string;
  readonly negated: boolean;
  readonly regex: string;
}

/**
 * The rules for requests that need no token. An entry becomes a rule only if the rule is certainly not wider
 * than the entry. Behind a proxy, oauth2-proxy sees the GET of the proxy instead of the original
 * method. It sees the original path only in `x-forwarded-uri` with `--reverse-proxy`. An entry that never
 * matches there gets no rule here.
 * @param identifies whether a token that such a rule accepts is certainly one that oauth2-proxy accepts; then
 * its identity is kept
 * @param elsewhere the paths that get no rule, because oauth2-proxy keeps them
 */
export function migratePublicRules(
  mode: Mode,
  identifies: boolean,
  elsewhere: PathsElsewhere | undefined,
  settings: Settings,
  report: Report,
): readonly RuleInput[] {
  const open: Partial<RuleInput> = identifies
    ? { require: { token: 'optional', binding: ['none'] } }
    : { public: true };
  const rules: RuleInput[] = [];
  for (const option of ['skip-auth-route', 'skip-auth-regex']) {
    const refused: string[] = [];
    let kept = 0;
    for (const [at, entry] of settings.entries(option).entries()) {
      const match = migrateMatch(parseRoute(entry, option), mode, settings);
      if (match instanceof Malformed) refused.push(`entry ${at + 1}: ${match.why}`);
      else if (elsewhere && match?.paths?.every((path) => elsewhere.pattern.test(path))) kept++;
      else rules.push({ name: `public-${rules.length + 1}`, match, ...open });
    }
    if (refused.length > 0)
      report.unsupported(
        option,
        `${refused.join('; ')}; such requests need a token until you add a rule {name: …, match: {paths: [/path]}, public: true}${refused.length < settings.entries(option).length ? '; the other entries are public rules' : ''}`,
      );
    else if (elsewhere && kept > 0 && kept === settings.entries(option).length)
      report.unneeded(option, elsewhere.why);
    else if (settings.asks(option))
      report.replaced(
        option,
        identifies
          ? 'rules with token: optional: a request without a token passes, and one with a valid token keeps its identity headers; an invalid token is refused there, which oauth2-proxy ignores; the rules also cover one slash at the end'
          : 'public rules; they also cover one slash at the end, and set no identity headers',
      );
  }
  if (settings.on('skip-auth-preflight')) {
    if (mode === 'envoy') rules.push({ name: 'preflight', match: { methods: ['OPTIONS'] }, public: true });
    else
      report.unneeded('skip-auth-preflight', 'the proxy asks with GET, so oauth2-proxy never sees OPTIONS');
  }
  return rules;
}

function parseRoute(entry: string, option: string): Route {
  if (option === 'skip-auth-regex') return { method: '', negated: false, regex: entry };
  const [, method = '', regex = entry] = /^(.*?)!?=(.*)$/s.exec(entry) ?? [];
  return { method: method.toUpperCase(), negated: entry.includes('!='), regex };
}

function migrateMatch(
  { method, negated, regex }: Route,
  mode: Mode,
  settings: Settings,
): RuleInput['match'] | Malformed {
  if (negated) return new Malformed('!= makes all other paths public, including paths that are added later');
  if (method !== '' && !/^[A-Z]+$/.test(method)) return new Malformed('the text before = is not a method');
  if (mode === 'proxy' && !settings.on('reverse-proxy'))
    return new Malformed('without --reverse-proxy, oauth2-proxy does not see the original path');
  if (mode === 'proxy' && !['', 'GET'].includes(method))
    return new Malformed('the proxy asks with GET, so an entry for another method never matches');
  const path = regexToPath(regex);
  if (path instanceof Malformed) return path;
  return { ...(method !== '' && { methods: [method] }), paths: [path] };
}

/** How to accept a token only from its sender, if the place of Peerproof is not known. */
export const tightenAnywhere =
  'set binding: [certificate, workload] in this rule, and peers: {trustDomains: {cluster.local: {}}}. Envoy must send the identity of the sender: use the gRPC port, or put a sidecar before Peerproof and set http: {xfcc: {sidecar: "spiffe://cluster.local/ns/<namespace>/sa/<ServiceAccount>"}} to the ID of Peerproof itself';

/**
 * The rule for every request with a token. It does **not** check the sender, because oauth2-proxy does not.
 * If a restriction could not be carried over, it denies. `tighten`: how to check the sender, for the report.
 */
export function createBearerRule(
  audience: AudienceRule,
  groups: GroupRule,
  emailDomains: readonly string[],
  conditions: readonly string[],
  tighten: string,
  report: Report,
): RuleInput {
  const lists = { ...audience.claims, ...groups.claims };
  if (Object.keys(audience.claims).some((claim) => Object.hasOwn(groups.claims, claim)))
    report.refuse('oidc-audience-claim', 'the groups are in the same claim');
  const claims = Object.fromEntries(Object.entries(lists).map(([claim, values]) => [claim, [...values]]));
  const all = report.denies ? ['false'] : [...audience.when, ...groups.when, ...conditions];
  report.warn(
    `rule bearer: binding: [none] lets a stolen token pass, because oauth2-proxy does not check who sends a token. TIGHTEN THIS: ${tighten}`,
  );
  return {
    name: 'bearer',
    require: {
      ...(Object.keys(claims).length > 0 && { claims }),
      ...(emailDomains.length > 0 && { emailDomains: [...emailDomains] }),
      ...(all.length > 0 && {
        when: all.length === 1 ? (all[0] as string) : all.map((one) => `(${one})`).join(' && '),
      }),
      binding: ['none'],
    },
  };
}
