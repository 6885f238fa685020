import type { Config } from '../config/schema.ts';
import { type ReasonName, reasons } from '../core/reasons.ts';
import { formatTime } from '../lib/time.ts';
import { audienceIn } from './request-of-line.ts';
import type { Told } from './told.ts';

/** The answer in one sentence: the effect, the reason, and why. */
export function sentenceOf(told: Told, config: Config): string {
  const { effect, reason, rule } = told;
  if (reason === 'allowed') return `allowed: by the rule ${rule ?? '(unknown)'}`;
  if (reason === 'public') return `allowed: the rule ${rule ?? '(unknown)'} is public`;
  if (reason === 'anonymous') return `allowed: the rule ${rule ?? '(unknown)'} does not need a token`;
  if (reason === 'metadata_served')
    return 'answered: with the document about the protected resource. The request did not reach the application';
  const why = tellers[reason]?.(told, config) ?? told.detail ?? reasons[reason].text;
  return `${effects[effect]}: ${reason} – ${why}`;
}

/** With the reason of a refusal, an allow is only observed. */
const effects: Readonly<Record<Told['effect'], string>> = {
  allow: 'allowed, because it is only observed. It would be denied',
  answer: 'answered',
  deny: 'denied',
  unavailable: 'unavailable',
};

type Teller = (told: Told, config: Config) => string | undefined;

/** For reasons whose two sides are known here better than to the detail. Undefined: the detail says it. */
const tellers: Partial<Readonly<Record<ReasonName, Teller>>> = {
  token_audience_mismatch({ token, detail }, { issuers }) {
    const accepted = token?.issuer === undefined ? undefined : issuers[token.issuer]?.audiences;
    const had: readonly (string | undefined)[] = token?.audiences ?? [audienceIn(detail ?? '')];
    const audiences = had.map((one) => JSON.stringify(one));
    if (!accepted || had.includes(undefined)) return undefined;
    return `the token is for [${audiences.join(', ')}], and the issuer ${token?.issuer} accepts ${JSON.stringify(accepted)}`;
  },
  token_expired({ token, detail }) {
    if (token?.expiresAt === undefined) return `the token has expired (${detail ?? 'at an unknown time'})`;
    return `the token expired ${formatTime(token.expiresAt)}`;
  },
  token_missing: () => 'the request has no access token',
  token_signature_invalid: ({ detail }) =>
    `the signature does not belong to the token and the key (${detail ?? 'no detail'})`,
  token_inactive: () => 'the issuer says that the token is not active',
  scope_missing({ token, detail = '', rule }) {
    const scopes = token && token.scopes.length > 0 ? token.scopes.join(' ') : 'none';
    const had = detail.includes('the token ') ? '' : `; the token has ${scopes}`;
    return `the rule ${rule} wants scopes that the token does not have (${detail}${had})`;
  },
  token_issuer_not_allowed: ({ token, rule }) =>
    token && `the rule ${rule} does not accept tokens of ${token.issuer ?? token.iss}`,
  condition_not_met: ({ rule, detail }) =>
    `the condition of the rule ${rule} is false: ${detail ?? 'no detail'}`,
  condition_failed: ({ rule, detail }) =>
    `the condition of the rule ${rule} cannot be evaluated: ${detail ?? 'no detail'}`,
  no_rule: ({ detail }) => detail && `the request matches no rule: ${detail}`,
};
