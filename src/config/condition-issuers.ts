import type { Config, RuleConfig } from './schema.ts';

type Finding = [path: readonly PropertyKey[], message: string];

/**
 * Finds conditions that compare `token.issuer` with a text that is not the name of an issuer. Such a
 * comparison is always false. Does not see texts that are computed.
 */
export function misnamedIssuers({ rules, workloads, lastRules, issuers }: Config): Finding[] {
  const owned = Object.entries(workloads).flatMap(([owner, { rules: list }]) =>
    misnamedIn(list, ['workloads', owner, 'rules'], issuers),
  );
  return [
    ...misnamedIn(rules, ['rules'], issuers),
    ...owned,
    ...misnamedIn(lastRules, ['lastRules'], issuers),
  ];
}

/** Does the same for one list of rules, whose place is `path`. */
export function misnamedIn(
  rules: readonly RuleConfig[],
  path: Finding[0],
  issuers: Config['issuers'],
): readonly Finding[] {
  return rules.flatMap(({ require }, index) =>
    [...(require?.when?.reads.issuers ?? [])]
      .filter((text) => !Object.hasOwn(issuers, text))
      .map((text): Finding => [[...path, index, 'require', 'when'], describe(text, issuers)]),
  );
}

function describe(text: string, issuers: Config['issuers']): string {
  const [named] = Object.entries(issuers).find(([, { issuer }]) => issuer === text) ?? [];
  const names = Object.keys(issuers).join(', ') || 'none';
  const instead = named === undefined ? `configured are: ${names}` : `use its name ${JSON.stringify(named)}`;
  return `compares token.issuer with ${JSON.stringify(text.slice(0, 100))}, which is not the name of an issuer; ${instead}`;
}
