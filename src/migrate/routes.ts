import type { ConfigInput } from '../config/schema.ts';
import { Malformed } from '../lib/malformed.ts';
import { pathOfRegex } from './path-of-regex.ts';
import type { MigrationReport } from './report.ts';
import type { Settings } from './settings.ts';

export type RuleInput = ConfigInput['rules'][number];

/** Who asks: Envoy with the request itself, or a proxy with a request about it. */
export type Mode = 'envoy' | 'proxy';

/** One entry of `--skip-auth-route` or `--skip-auth-regex`. */
interface Route {
  readonly method: string;
  readonly negated: boolean;
  readonly regex: string;
}

/**
 * What passes without a token. Only what is certain to be no wider than in oauth2-proxy becomes a public rule. Where a
 * proxy asks, oauth2-proxy sees the proxy's GET instead of the original method, and the original path only as
 * `x-forwarded-uri` with `--reverse-proxy`: what never matched there does not match here either.
 */
export function publicRulesOf(mode: Mode, settings: Settings, report: MigrationReport): readonly RuleInput[] {
  const rules: RuleInput[] = [];
  for (const option of ['skip-auth-route', 'skip-auth-regex']) {
    const refused: string[] = [];
    for (const [at, entry] of settings.entries(option).entries()) {
      const match = matchOf(routeOf(entry, option), mode, settings);
      if (match instanceof Malformed) refused.push(`entry ${at + 1}: ${match.why}`);
      else rules.push({ name: `public-${rules.length + 1}`, match, public: true });
    }
    if (refused.length > 0)
      report.say(
        option,
        'not supported',
        `${refused.join('; ')}; such requests need a token until a rule {name: …, match: {paths: [/path]}, public: true} is written by hand${refused.length < settings.entries(option).length ? '; the other entries are public rules' : ''}`,
      );
    else if (settings.asks(option))
      report.say(
        option,
        'replaced',
        'public rules, which cover one slash at the end too and give no identity headers',
      );
  }
  if (settings.on('skip-auth-preflight')) {
    if (mode === 'envoy') rules.push({ name: 'preflight', match: { methods: ['OPTIONS'] }, public: true });
    else
      report.say('skip-auth-preflight', 'not needed', 'a proxy asks with GET, so it never let OPTIONS pass');
  }
  return rules;
}

function routeOf(entry: string, option: string): Route {
  if (option === 'skip-auth-regex') return { method: '', negated: false, regex: entry };
  const [, method = '', regex = entry] = /^(.*?)!?=(.*)$/s.exec(entry) ?? [];
  return { method: method.toUpperCase(), negated: entry.includes('!='), regex };
}

function matchOf(
  { method, negated, regex }: Route,
  mode: Mode,
  settings: Settings,
): RuleInput['match'] | Malformed {
  if (negated) return new Malformed('!= makes everything else public, also what is added later');
  if (method !== '' && !/^[A-Z]+$/.test(method)) return new Malformed('what stands before = is no method');
  if (mode === 'proxy' && !settings.on('reverse-proxy'))
    return new Malformed('without --reverse-proxy it never saw the original path');
  if (mode === 'proxy' && !['', 'GET'].includes(method))
    return new Malformed('a proxy asks with GET, so it never let another method pass');
  const path = pathOfRegex(regex);
  if (path instanceof Malformed) return path;
  return { ...(method !== '' && { methods: [method] }), paths: [path] };
}
