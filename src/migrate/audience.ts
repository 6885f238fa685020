import { claimNamed } from './claim.ts';
import { acceptedAudiences } from './migrated-issuers.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** Where the audience of a token is, as settings of the configuration. */
export interface AudienceRule {
  /** Whether tokens without `aud` are accepted, because the rule requires another claim. */
  readonly withoutAud: boolean;
  readonly claims: Readonly<Record<string, readonly string[]>>;
  readonly when: readonly string[];
}

const plain: AudienceRule = { withoutAud: false, claims: {}, when: [] };

/**
 * The claims that hold an audience. oauth2-proxy reads the first of them that the token has. Here, an `aud`
 * must hold one of the audiences even if oauth2-proxy would read another claim. This is at least as strict.
 */
export function migrateAudience(settings: Settings, report: Report): AudienceRule {
  const audiences = acceptedAudiences(settings);
  const [first = 'aud', next, ...more] = settings.list('oidc-audience-claim');
  if (first === 'aud' && next === undefined) return plain;
  const other = first === 'aud' ? next : first;
  if (other === undefined || other === 'aud' || more.length > 0 || (first !== 'aud' && next !== undefined)) {
    report.refuse(
      'oidc-audience-claim',
      'which of these claims is used depends on the token: name only the claim that your tokens have',
    );
    return plain;
  }
  const where =
    first === 'aud'
      ? `aud; without aud, require.when checks ${claimNamed(other)}`
      : 'require.claims of the rule bearer';
  report.replaced(
    'oidc-audience-claim',
    `${where}; if a token has an aud, it must also hold one of the audiences`,
  );
  report.warn(
    'issuers.default.allowInsecureNoAudience: tokens without aud are accepted. The rule bearer checks another claim instead: check it in each rule that you add',
  );
  if (first !== 'aud') return { withoutAud: true, claims: { [claimNamed(other)]: audiences }, when: [] };
  // An empty list is an aud too, and holds no audience.
  const asked = `claims[${literal(other)}] in [${audiences.map(literal).join(', ')}]`;
  const condition = `token.audiences.size() > 0 || (!has(claims.aud) && ${asked})`;
  return { withoutAud: true, claims: {}, when: [condition] };
}

/** A text in CEL. */
export function literal(text: string): string {
  const escaped = text.replace(
    /['"\\]|[^\x20-\x7e]/gu,
    (sign) => `\\U${(sign.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  );
  return `'${escaped}'`;
}
