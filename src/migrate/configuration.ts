import type { ConfigInput } from '../config/schema.ts';
import { type AudienceRule, audienceRuleOf } from './audience.ts';
import { doorOf } from './door.ts';
import { emailDomainsOf } from './emails.ts';
import { type GroupRule, groupRuleOf } from './groups.ts';
import { audiencesOf, extraIssuersOf, type IssuerInput, mainIssuerOf } from './issuers.ts';
import { emailClaimOf, identityOf } from './person.ts';
import { providerOf, type Reading } from './provider.ts';
import type { MigrationReport } from './report.ts';
import { publicRulesOf } from './routes.ts';
import { bearerRuleOf } from './rule.ts';
import type { Settings } from './settings.ts';
import { upstreamOf } from './upstream.ts';

/**
 * The configuration that stands for the settings, never laxer than these: what could not be carried over and kept somebody
 * out makes the rule for tokens deny, and what let somebody in is left out. Whether that happened is in the report.
 */
export function configurationOf(settings: Settings, report: MigrationReport): ConfigInput {
  if (settings.asks('alpha-config'))
    report.fail(
      '--alpha-config: providers, headers and upstreams are in a format of their own there, which is not read: give them as flags, in --cfg or in the environment, without --alpha-config',
    );
  checkBearer(settings, report);
  const { mode, forwards } = upstreamOf(settings, report);
  const { listen, http } = doorOf(mode, settings, report);
  const { name, reading } = providerOf(settings, report);
  const emailDomains = emailDomainsOf(settings, report);
  const audience = audienceRuleOf(audiencesOf(settings), settings, report);
  const groups = groupRuleOf(name, reading, settings, report);
  const { issuers, conditions } = issuersOf(reading, audience, groups, settings, report);
  const identity = identityOf(reading, forwards, settings, report);
  return {
    listen,
    ...(http && Object.keys(http).length > 0 && { http }),
    identity,
    issuers: Object.fromEntries(issuers),
    rules: [
      ...publicRulesOf(mode, settings, report),
      bearerRuleOf(audience, groups, emailDomains, conditions, report),
    ],
  };
}

function checkBearer(settings: Settings, report: MigrationReport): void {
  if (settings.on('skip-jwt-bearer-tokens')) return;
  const why =
    'oauth2-proxy takes no bearer tokens without it, only cookies of a login, which Peerproof does not have';
  if (settings.given.has('skip-jwt-bearer-tokens')) report.refuse('skip-jwt-bearer-tokens', why);
  else report.deny(`--skip-jwt-bearer-tokens is not given: ${why}`);
}

/** Options that are about tokens of the provider itself. */
const ofProvider = [
  'client-id',
  'oidc-issuer-url',
  'oidc-jwks-url',
  'oidc-public-key-file',
  'skip-oidc-discovery',
  'oidc-enabled-signing-alg',
  'insecure-oidc-skip-issuer-verification',
];

interface Issuers {
  readonly issuers: ReadonlyMap<string, IssuerInput>;
  /** What the rule has to ask because of them, in CEL. */
  readonly conditions: readonly string[];
}

/**
 * The provider and the further issuers. Of tokens of the latter oauth2-proxy takes `email` and `groups` in any case and
 * always looks at `email_verified`; where one rule cannot say that, they are left out.
 */
function issuersOf(
  reading: Reading,
  audience: AudienceRule,
  groups: GroupRule,
  settings: Settings,
  report: MigrationReport,
): Issuers {
  const extras = extraIssuersOf(settings, report);
  const plain = !audience.withoutAud;
  if (reading === 'none') {
    for (const name of ofProvider)
      report.say(name, 'not needed', 'no bearer token of the provider ever passed');
    if (!plain) report.refuse('oidc-audience-claim', 'it cannot be asked of several issuers');
    if (extras.size === 0)
      report.fail('no token could pass: give --provider=oidc with --oidc-issuer-url, or --extra-jwt-issuers');
    return { issuers: extras, conditions: [] };
  }
  const main = mainIssuerOf(audience.withoutAud, settings, report);
  if (!plain || !groups.same) {
    report.say(
      'extra-jwt-issuers',
      'not supported',
      'groups or the audience stand elsewhere in their tokens, which one rule cannot say: they are left out; write an issuer and a rule for each',
    );
    return { issuers: new Map([['default', main]]), conditions: [] };
  }
  const unlike =
    reading === 'openid' &&
    (settings.on('insecure-oidc-allow-unverified-email') || emailClaimOf(reading, settings) !== 'email');
  const again = [...extras].find(([, { issuer }]) => issuer === main.issuer);
  if (again) extras.delete(again[0]);
  const apart = unlike || (reading === 'openid' && groups.whenExtra !== undefined);
  if (again && apart)
    report.say(
      'extra-jwt-issuers',
      'not supported',
      'the one that is the provider itself is left out: oauth2-proxy reads claims in another way for it',
    );
  const audiences = new Set([...(main.audiences ?? []), ...(apart ? [] : (again?.[1].audiences ?? []))]);
  if (
    extras.size > 0 &&
    reading === 'openid' &&
    ['oidc-email-claim', 'user-id-claim', 'oidc-groups-claim'].some((name) => settings.asks(name))
  )
    report.warn(
      'identity.claims count for the tokens of --extra-jwt-issuers too, of which oauth2-proxy takes email and groups',
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
