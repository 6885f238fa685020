import { claimAt } from '../core/token/claim-path.ts';
import type { StepView } from './step-view.ts';

/** What the rule wants of the token, and what the token has. */
export function describeRequirements({ told, rule }: StepView): readonly string[] {
  const { token } = told;
  if (!rule || !token) return [];
  const lines: string[] = [];
  const compare = (what: string, wanted: readonly string[], had: string | undefined) => {
    if (wanted.length > 0)
      lines.push(`${what}: the rule wants [${wanted.join(', ')}], the token has ${had ?? 'none'}`);
  };
  compare('issuer', rule.issuers, token.issuer);
  compare('scopes', rule.scopes, `[${token.scopes.join(' ')}]`);
  for (const { claim, path, values } of rule.claims) {
    const value = token.claims ? JSON.stringify(claimAt(token.claims, path)) : '(not in the log)';
    compare(
      `claim ${claim}`,
      values.map((one) => JSON.stringify(one)),
      value,
    );
  }
  const { serviceAccounts, namespaces, pods } = rule.serviceAccount;
  compare(
    'ServiceAccount',
    serviceAccounts.map((one) => one.join('/')),
    token.serviceAccount,
  );
  compare('namespace', namespaces, token.serviceAccount?.split('/', 1)[0]);
  compare(
    'pod',
    pods.map((one) => one.join('/')),
    token.pod,
  );
  if (rule.when) lines.push(`condition: ${rule.when.text}`);
  return lines;
}

/** The person that the token names, and the lists of the rule. */
export function describePerson({ told, rule }: StepView): readonly string[] {
  const { person } = told;
  const { emails = [], emailDomains = [] } = rule?.allowLists ?? {};
  const lines: string[] = [];
  if (person) lines.push(`user ${person.user ?? '(none)'}, e-mail address ${person.email ?? '(none)'}`);
  if (emails.length > 0) lines.push(`the rule wants one of the addresses [${emails.join(', ')}]`);
  if (emailDomains.length > 0) lines.push(`the rule wants one of the domains [${emailDomains.join(', ')}]`);
  return lines;
}
