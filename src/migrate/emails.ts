import type { MigrationReport } from './report.ts';
import type { Settings } from './settings.ts';

const byHand = 'write them as require: {emails: [a@example.com]} into the rule bearer';

/** Domains whose addresses may pass; empty where every address may, or where nobody may and the report says so. */
export function emailDomainsOf(settings: Settings, report: MigrationReport): readonly string[] {
  const domains = settings.list('email-domain').filter((domain) => domain !== '');
  const file = settings.asks('authenticated-emails-file');
  if (domains.includes('*')) {
    if (file)
      report.say('authenticated-emails-file', 'not needed', '--email-domain=* lets every address pass');
    return [];
  }
  if (domains.length > 0) {
    // Either is enough in oauth2-proxy, so the domains alone are stricter.
    if (file)
      report.say(
        'authenticated-emails-file',
        'not supported',
        `there is no list of addresses in a file: those of other domains do not pass; ${byHand} instead of emailDomains`,
      );
    return domains;
  }
  if (settings.isBlank('email-domain'))
    report.refuse('email-domain', 'nobody has an address without a domain');
  if (file)
    report.refuse(
      'authenticated-emails-file',
      `there is no list of addresses in a file: ${byHand}, and take its \`when\` out`,
    );
  if (settings.isBlank('email-domain') || file) return [];
  if (settings.asks('htpasswd-file'))
    report.deny('without --email-domain and --authenticated-emails-file no address passes oauth2-proxy');
  else
    report.warn(
      'oauth2-proxy does not start without --email-domain; the rule bearer asks nothing of the address',
    );
  return [];
}
