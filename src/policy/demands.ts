import { Denial } from '../denial.ts';
import type { Demands } from '../evidence.ts';
import type { Person } from '../identity/person.ts';

/**
 * Holds a person against what the asking proxy demands: one entry of each list that is there. They only ever keep out.
 * Domains are compared without case, addresses and groups exactly; without a person nothing is met.
 */
export function checkDemands(demands: Demands | undefined, person: Person | undefined): Denial | undefined {
  if (!demands) return undefined;
  const { groups, emails, emailDomains } = demands;
  if (groups && !groups.some((group) => person?.groups.includes(group)))
    return new Denial('group_not_allowed', 'allowed_groups names none of the groups');
  const email = person?.email;
  if (emails && !(email && emails.includes(email)))
    return new Denial('email_not_allowed', 'allowed_emails does not name the address');
  if (emailDomains && !emailDomains.some((domain) => belongs(email, domain)))
    return new Denial('email_not_allowed', 'allowed_email_domains does not name the domain');
  return undefined;
}

/** An address has one `@`: with more, two readers could see two domains. */
function belongs(email: string | undefined, domain: string): boolean {
  const [name, host, ...more] = email?.toLowerCase().split('@') ?? [];
  if (!name || !host || more.length > 0) return false;
  const wanted = domain.toLowerCase().replace(/^\*(?=\.)/, '');
  if (!wanted.startsWith('.')) return host === wanted;
  return host === wanted.slice(1) || (host.endsWith(wanted) && host.length > wanted.length);
}
