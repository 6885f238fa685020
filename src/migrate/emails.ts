import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

const byHand = 'write the addresses into the rule bearer as require: {emails: [a@example.com]}';

/** Domains whose addresses may pass. Empty if every address may pass, or if the report denies all. */
export function migrateEmailDomains(settings: Settings, report: Report): readonly string[] {
  const domains = settings.list('email-domain');
  const file = settings.asks('authenticated-emails-file');
  if (domains.includes('*')) {
    if (file) report.unneeded('authenticated-emails-file', 'with --email-domain=*, every address may pass');
    return [];
  }
  if (domains.length > 0) {
    // One of the two is enough in oauth2-proxy, so the domains alone are stricter.
    if (file)
      report.unsupported(
        'authenticated-emails-file',
        `Peerproof reads no file of addresses, so addresses of other domains are refused; ${byHand}, instead of emailDomains`,
      );
    return domains;
  }
  if (settings.isBlank('email-domain')) report.refuse('email-domain', 'an empty domain matches no address');
  if (file)
    report.refuse(
      'authenticated-emails-file',
      `Peerproof reads no file of addresses: ${byHand}, and remove its \`when\``,
    );
  if (settings.isBlank('email-domain') || file) return [];
  if (settings.asks('htpasswd-file'))
    report.deny('without --email-domain and --authenticated-emails-file, oauth2-proxy accepts no address');
  else
    report.warn(
      'oauth2-proxy does not start without --email-domain; the rule bearer does not check the address',
    );
  return [];
}
