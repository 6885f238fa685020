import { isOfClient } from '../core/token/credential.ts';
import type { Found, Subject } from './finding.ts';

/** Rules for token endpoints, where proxies may ask that never send a body. */
export function findRulesWithoutBody({ config, rules }: Subject): readonly Found[] {
  const paths = config.http.forwardAuth.map(({ path }) => path);
  if (config.listen.http === undefined || paths.length === 0) return [];
  return rules
    .filter(({ rule }) => isOfClient(rule.credential))
    .map(({ path, rule: { credential } }) => ({
      path: [...path, 'require', 'credential'],
      message: `${credential} reads the body of the request, and a check at ${paths.join(', ')} (http.forwardAuth) has none, so it refuses every token request there`,
    }));
}
