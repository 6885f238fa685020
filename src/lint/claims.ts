import type { Found, Subject } from './finding.ts';

/** Names with dots or slashes that are names of claims, and not ways into one. */
const names = new Set(['kubernetes.io']);
/** `realm_access.roles` and `realm_access/roles`, but not `https://example.com/roles`. */
const wayInto = /^[A-Za-z_]\w*(?:[./][A-Za-z_]\w*)+$/;

/** Names of claims that look like the way to a member of a claim. A JSON pointer begins with a slash. */
export function findClaimPaths({ config, rules }: Subject): readonly Found[] {
  const { claims, headers } = config.identity;
  const named = [
    ...rules.flatMap(({ rule, path }) =>
      rule.claims.map(({ claim }) => ({ claim, path: [...path, 'require', 'claims', claim] })),
    ),
    ...Object.entries(claims).map(([key, claim]) => ({ claim, path: ['identity', 'claims', key] })),
    ...Object.entries(headers).flatMap(([name, value]) =>
      value && 'claim' in value ? [{ claim: value.claim, path: ['identity', 'headers', name, 'claim'] }] : [],
    ),
  ];
  return named
    .filter(({ claim }) => wayInto.test(claim) && !names.has(claim))
    .map(({ claim, path }) => ({
      path,
      message: `is read as the name of one claim, ${JSON.stringify(claim)}: write /${claim.replaceAll('.', '/')} for a member of a claim`,
    }));
}
