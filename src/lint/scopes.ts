import type { Found, Subject } from './finding.ts';

/** A scope of a token never holds a space (RFC 6749 §3.3), so no token has such a scope. */
export function findScopesWithSpace({ rules }: Subject): readonly Found[] {
  return rules.flatMap(({ rule, path }) =>
    rule.scopes.flatMap((scope, at): Found[] => {
      const parts = scope.split(/\s+/).filter((part) => part !== '');
      if (parts.length === 1 && parts[0] === scope) return [];
      return [
        {
          path: [...path, 'require', 'scopes', at],
          message: `no token has the scope ${JSON.stringify(scope)}, because a space separates scopes: write a list, ${JSON.stringify(parts)}`,
        },
      ];
    }),
  );
}

/** A thief of the token has its scopes too. */
export function findScopesWithoutBinding({ rules }: Subject): readonly Found[] {
  return rules
    .filter(({ rule }) => rule.scopes.length > 0 && rule.binding.includes('none'))
    .map(({ path }) => ({
      path: [...path, 'require', 'scopes'],
      message: 'every sender of the token has these scopes, because binding accepts none',
    }));
}
