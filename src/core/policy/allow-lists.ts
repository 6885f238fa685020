import { listed } from '../../lib/excerpt.ts';
import { Denial } from '../denial.ts';
import type { AllowLists } from '../evidence.ts';
import type { Person } from '../token/person.ts';

/**
 * Checks a person against the lists of a rule or of the proxy: one entry of each list must match. Domains are
 * compared without case, addresses and groups exactly. Without a person no list matches.
 * @param whose for the log: different people change the lists of a rule and those of the proxy
 */
export function checkAllowLists(
  allowLists: AllowLists | undefined,
  person: Person | undefined,
  whose: 'rule' | 'proxy',
): Denial | undefined {
  if (!allowLists) return undefined;
  const { groups, emails, emailDomains } = allowLists;
  if (groups && !groups.some((group) => person?.groups.includes(group)))
    return new Denial('group_not_allowed', `${groupsOf(person)}; the ${whose} wants ${oneOf(groups)}`);
  const email = person?.email;
  const denied = (what: string) =>
    new Denial(
      'email_not_allowed',
      email ? `${what} is not in the list of the ${whose}` : `${noAddress(person)}; the ${whose} wants one`,
    );
  if (emails && !(email && emails.includes(email))) return denied('the address');
  if (emailDomains && !emailDomains.some((domain) => belongs(email, domain)))
    return denied('the domain of the address');
  return undefined;
}

function groupsOf(person: Person | undefined): string {
  if (!person) return 'a token was not read, so there are no groups';
  return person.groups.length === 0
    ? 'the token does not have groups'
    : `the token has the groups ${listed(person.groups)}`;
}

function oneOf(groups: readonly string[]): string {
  return groups.length === 0 ? 'a group of an empty list' : `one of ${listed(groups)}`;
}

function noAddress(person: Person | undefined): string {
  return person
    ? 'the token does not have a verified e-mail address'
    : 'a token was not read, so there is no e-mail address';
}

/** An address has exactly one `@`. With more, two readers could see two domains. */
function belongs(email: string | undefined, domain: string): boolean {
  const [name, host, ...more] = email?.toLowerCase().split('@') ?? [];
  if (!name || !host || more.length > 0) return false;
  const wanted = domain.toLowerCase().replace(/^\*(?=\.)/, '');
  return wanted.startsWith('.') ? host.endsWith(wanted) && host.length > wanted.length : host === wanted;
}
