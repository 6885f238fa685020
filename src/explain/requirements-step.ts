import type { ActorRequirement, Party } from '../core/policy/actors.ts';
import { claimAt } from '../core/token/claim-path.ts';
import type { StepView } from './step-view.ts';
import type { ToldToken } from './told.ts';

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
  lines.push(...describeActors(rule.actors, token));
  if (rule.when) lines.push(`condition: ${rule.when.text}`);
  return lines;
}

function describeActors(wanted: ActorRequirement | undefined, { actors }: ToldToken): readonly string[] {
  if (!wanted) return [];
  const { allow, maxLength, isOptional } = wanted;
  const entries = allow.map(
    ({ who, for: subjects }) =>
      `[${textsOf(who)}] for ${subjects.length === 0 ? 'all' : `[${textsOf(subjects)}]`}`,
  );
  const most = `${maxLength === 0 ? 'no actor' : `up to ${maxLength} in a chain`}${isOptional ? ', or none' : ''}`;
  const had = actors && actors.length > 0 ? `[${actors.join(', ')}]` : 'none';
  return [`actors: the rule wants ${[most, ...entries].join(', ')}, the token has ${had}`];
}

function textsOf(parties: readonly Party[]): string {
  return parties.map(({ text }) => text).join(', ');
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
