import { claimAt } from '../core/token/claim-path.ts';
import { matchesPattern, type Pattern } from '../lib/pattern.ts';
import { append, type Propose, placeOf } from './change.ts';

/** The value of the claim among those that the rule accepts. */
export const addClaimValue: Propose = ({ decision: { found }, loaded }) => {
  const { rule, token } = found;
  const place = rule && placeOf(loaded.config, rule.name);
  if (!place || !token) return [];
  const missed = rule.claims.find(({ path, values }) => {
    const held = [claimAt(token.claims, path)].flat();
    return !values.some((wanted) => held.includes(wanted));
  });
  const value = missed && [claimAt(token.claims, missed.path)].flat()[0];
  if (!missed || (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean'))
    return [];
  const path = [...place, 'require', 'claims', missed.claim];
  return [
    {
      amendments: [{ kind: 'set', path, value: [...missed.values, value] }],
      what: `accepts this value of ${missed.claim} in the rule ${rule.name}`,
      also: `every token whose ${missed.claim} is ${JSON.stringify(value)}, and that meets the other requirements`,
    },
  ];
};

/** The ServiceAccount, its namespace or its pod in the list of the rule that lacks it. */
export const addServiceAccount: Propose = ({ decision: { found }, loaded }) => {
  const { rule, token } = found;
  const account = token?.serviceAccount;
  const place = rule && placeOf(loaded.config, rule.name);
  if (!place || !account) return [];
  const { namespace, name, pod } = account;
  const { serviceAccounts, namespaces, pods } = rule.serviceAccount;
  const lacks = (list: readonly Pattern[], what: string) =>
    list.length > 0 && !list.some((one) => matchesPattern(one, [namespace, what]));
  const [setting, value, who] = lacks(serviceAccounts, name)
    ? ['serviceAccounts', `${namespace}/${name}`, `the ServiceAccount ${namespace}/${name}`]
    : namespaces.length > 0 && !namespaces.includes(namespace)
      ? [
          'namespaces',
          namespace,
          `every ServiceAccount of the namespace ${namespace} that the other lists accept`,
        ]
      : ['pods', `${namespace}/${pod}`, `every pod of this name`];
  if (setting === 'pods' && (pod === undefined || !lacks(pods, pod))) return [];
  return [
    {
      amendments: [append([...place, 'require', setting], value)],
      what: `adds it to ${setting} of the rule ${rule.name}`,
      also: who,
    },
  ];
};

/** The address of the person, or its domain, in the list of the rule that lacks it. */
export const addEmail: Propose = ({ decision: { found }, loaded }) => {
  const { rule, person } = found;
  const place = rule && placeOf(loaded.config, rule.name);
  const email = person?.email;
  if (!place || !email || email.length > 256) return [];
  const { emails, emailDomains } = rule.allowLists ?? {};
  if (emails && !emails.includes(email))
    return [
      {
        amendments: [append([...place, 'require', 'emails'], email)],
        what: `adds the address to the rule ${rule.name}`,
        also: `every token with the address ${email} that meets the other requirements`,
      },
    ];
  const domain = email.split('@')[1];
  if (!emailDomains || !domain) return [];
  return [
    {
      amendments: [append([...place, 'require', 'emailDomains'], domain)],
      what: `adds the domain to the rule ${rule.name}`,
      also: `everybody with an address of ${domain}`,
    },
  ];
};
