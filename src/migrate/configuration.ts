import type { ConfigInput } from '../config/schema.ts';
import { type AudienceRule, migrateAudience } from './audience.ts';
import { migrateDoor, useDoor } from './door.ts';
import { migrateEmailDomains } from './emails.ts';
import { type GroupRule, groupRule } from './groups.ts';
import { type IssuerInput, migrateExtraIssuers, migrateMainIssuer } from './migrated-issuers.ts';
import { findEmailClaim, migrateIdentity } from './person.ts';
import { migrateProvider, type Reading } from './provider.ts';
import type { Report } from './report.ts';
import { createBearerRule, migratePublicRules, tightenAnywhere } from './rules.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';
import { migrateUpstream } from './upstream.ts';

/**
 * The configuration for the settings. It is never weaker than they are. If a restriction cannot be carried
 * over, the rule for tokens denies. If a permission cannot be carried over, it is left out. The report names
 * both. With a `target`, the ports are those of its manifests.
 */
export function migrateConfiguration(settings: Settings, report: Report, target?: Target): ConfigInput {
  if (settings.asks('alpha-config'))
    report.fail(
      '--alpha-config: this format is not supported: set providers, headers and upstreams as flags, in --cfg or in the environment, and remove --alpha-config',
    );
  checkBearer(settings, report);
  const { mode, forwards } = migrateUpstream(settings, report);
  const { listen, http } = target ? useDoor(target, forwards, report) : migrateDoor(mode, settings, report);
  const { name, reading } = migrateProvider(settings, report);
  const emailDomains = migrateEmailDomains(settings, report);
  const audience = migrateAudience(settings, report);
  const groups = groupRule(name, reading, settings, report);
  const { issuers, conditions } = migrateIssuers(reading, audience, groups, settings, report);
  const identity = migrateIdentity(reading, forwards, settings, report);
  const all = [...conditions, ...(target?.conditions?.(identity) ?? [])];
  // Where the rule for tokens checks more than groups and addresses, a rule without that check would believe
  // tokens that oauth2-proxy does not.
  const identifies =
    !report.denies && all.length + audience.when.length === 0 && Object.keys(audience.claims).length === 0;
  return {
    listen,
    ...(http && Object.keys(http).length > 0 && { http }),
    identity,
    issuers: Object.fromEntries(issuers),
    rules: [
      ...migratePublicRules(mode, identifies, target?.elsewhere, settings, report),
      createBearerRule(audience, groups, emailDomains, all, target?.tighten ?? tightenAnywhere, report),
    ],
  };
}

function checkBearer(settings: Settings, report: Report): void {
  if (settings.on('skip-jwt-bearer-tokens')) return;
  const why =
    'without it, oauth2-proxy accepts only cookies of a login and no bearer tokens; Peerproof has no login';
  if (settings.given.has('skip-jwt-bearer-tokens')) report.refuse('skip-jwt-bearer-tokens', why);
  else report.deny(`--skip-jwt-bearer-tokens is not given: ${why}`);
}

/** Options for tokens of the provider itself. */
const ofProvider = [
  'client-id',
  'oidc-issuer-url',
  'oidc-jwks-url',
  'oidc-public-key-file',
  'skip-oidc-discovery',
  'oidc-enabled-signing-alg',
  'insecure-oidc-skip-issuer-verification',
];

/**
 * The provider and the extra issuers. For tokens of extra issuers, oauth2-proxy always reads the claims
 * `email`, `groups` and `email_verified`. If one rule cannot express that, the extra issuers are left out.
 * `conditions` are CEL, for the rule.
 */
function migrateIssuers(
  reading: Reading,
  audience: AudienceRule,
  groups: GroupRule,
  settings: Settings,
  report: Report,
): { issuers: ReadonlyMap<string, IssuerInput>; conditions: readonly string[] } {
  const extras = migrateExtraIssuers(settings, report);
  const plain = !audience.withoutAud;
  if (reading === 'none') {
    for (const name of ofProvider)
      report.unneeded(name, 'oauth2-proxy accepts no bearer tokens of this provider');
    if (!plain) report.refuse('oidc-audience-claim', 'it cannot be checked for several issuers');
    if (extras.size === 0)
      report.fail(
        'no token could pass: set --provider=oidc with --oidc-issuer-url, or set --extra-jwt-issuers',
      );
    return { issuers: extras, conditions: [] };
  }
  const main = migrateMainIssuer(audience.withoutAud, settings, report);
  if (!plain || !groups.same) {
    report.unsupported(
      'extra-jwt-issuers',
      'these issuers are left out: their tokens have the groups or the audience in other claims, which one rule cannot express; write an issuer and a rule for each of them',
    );
    return { issuers: new Map([['default', main]]), conditions: [] };
  }
  const unlike =
    reading === 'openid' &&
    (settings.on('insecure-oidc-allow-unverified-email') || findEmailClaim(reading, settings) !== 'email');
  const again = [...extras].find(([, { issuer }]) => issuer === main.issuer);
  if (again) extras.delete(again[0]);
  const apart = unlike || (reading === 'openid' && groups.whenExtra !== undefined);
  if (again && apart)
    report.unsupported(
      'extra-jwt-issuers',
      'the entry for the provider itself is left out: oauth2-proxy reads its claims differently',
    );
  const audiences = new Set([...(main.audiences ?? []), ...(apart ? [] : (again?.[1].audiences ?? []))]);
  if (
    extras.size > 0 &&
    reading === 'openid' &&
    ['oidc-email-claim', 'user-id-claim', 'oidc-groups-claim'].some((name) => settings.asks(name))
  )
    report.warn(
      'identity.claims also apply to tokens of --extra-jwt-issuers; oauth2-proxy reads email and groups from these tokens',
    );
  return {
    issuers: new Map([['default', { ...main, audiences: [...audiences] }], ...extras]),
    conditions:
      extras.size === 0
        ? []
        : [
            ...(unlike ? ['!has(claims.email_verified) || claims.email_verified == true'] : []),
            ...(reading === 'openid' && groups.whenExtra !== undefined ? [groups.whenExtra] : []),
          ].map((condition) => `token.issuer == 'default' || ${condition}`),
  };
}
