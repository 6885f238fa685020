import { claimNamed } from './claim.ts';
import type { MigrationReport } from './report.ts';
import type { Settings } from './settings.ts';

/** Where the audience of a token stands, in the words of the configuration. */
export interface AudienceRule {
  /** Tokens without `aud` may be of the issuer: the rule asks for another claim. */
  readonly withoutAud: boolean;
  readonly claims: Readonly<Record<string, readonly string[]>>;
  readonly when: readonly string[];
}

const plain: AudienceRule = { withoutAud: false, claims: {}, when: [] };

/**
 * The claims that hold an audience. Of several, oauth2-proxy asks the first that is there. A token that has an `aud` must
 * name one of the audiences in it in any case, which is never less than what oauth2-proxy asks.
 */
export function audienceRuleOf(
  audiences: readonly string[],
  settings: Settings,
  report: MigrationReport,
): AudienceRule {
  const names = settings.list('oidc-audience-claim');
  const [first = 'aud', second, ...more] = names;
  if (first === 'aud' && second === undefined) return plain;
  const other = first === 'aud' ? second : first;
  if (
    other === undefined ||
    other === 'aud' ||
    more.length > 0 ||
    (first !== 'aud' && second !== undefined)
  ) {
    report.refuse(
      'oidc-audience-claim',
      'which of these claims counts depends on the token: name the one that your tokens have',
    );
    return plain;
  }
  const where =
    first === 'aud'
      ? `aud, else require.when asks for ${claimNamed(other)}`
      : 'require.claims of the rule bearer';
  report.say(
    'oidc-audience-claim',
    'replaced',
    `${where}; where a token has an aud, that must name one of the audiences too`,
  );
  report.warn(
    'issuers.default.allowInsecureNoAudience: tokens without aud count, and the rule bearer asks for another claim instead: ask for it in each rule that you add',
  );
  if (first !== 'aud') return { withoutAud: true, claims: { [claimNamed(other)]: audiences }, when: [] };
  // An empty list is an aud too, and names nobody.
  const asked = `claims[${literal(other)}] in [${audiences.map(literal).join(', ')}]`;
  return {
    withoutAud: true,
    claims: {},
    when: [`token.audiences.size() > 0 || (!has(claims.aud) && ${asked})`],
  };
}

/** A text in CEL. */
export function literal(text: string): string {
  const escaped = text.replace(
    /['"\\]|[^\x20-\x7e]/gu,
    (sign) => `\\U${(sign.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  );
  return `'${escaped}'`;
}
