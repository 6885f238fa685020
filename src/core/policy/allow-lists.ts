import { Denial } from '../denial.ts';
import type { AllowLists } from '../evidence.ts';
import type { Person } from '../token/person.ts';

/**
 * Checks a person against the lists of a rule or of the proxy: one entry of each list must match. Domains are
 * compared without case, addresses and groups exactly. Without a person no list matches.
 */
export function checkAllowLists(
  allowLists: AllowLists | undefined,
  person: Person | undefined,
): Denial | undefined {
  if (!allowLists) return undefined;
  const { groups, emails, emailDomains } = allowLists;
  if (groups && !groups.some((group) => person?.groups.includes(group)))
    return new Denial('group_not_allowed', 'none of the groups is allowed');
  const email = person?.email;
  if (emails && !(email && emails.includes(email)))
    return new Denial('email_not_allowed', 'the address is not allowed');
  if (emailDomains && !emailDomains.some((domain) => belongs(email, domain)))
    return new Denial('email_not_allowed', 'the domain of the address is not allowed');
  return undefined;
}

/** An address has exactly one `@`. With more, two readers could see two domains. */
function belongs(email: string | undefined, domain: string): boolean {
  const [name, host, ...more] = email?.toLowerCase().split('@') ?? [];
  if (!name || !host || more.length > 0) return false;
  const wanted = domain.toLowerCase().replace(/^\*(?=\.)/, '');
  return wanted.startsWith('.') ? host.endsWith(wanted) && host.length > wanted.length : host === wanted;
}
