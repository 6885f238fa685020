import { METHODS } from 'node:http';
import { didYouMean } from '../lib/nearest.ts';
import type { Found, Subject } from './finding.ts';

/** Methods that Node does not know. Envoy sends every method, so such a rule may still be right. */
export function findUnknownMethods({ rules }: Subject): readonly Found[] {
  return rules.flatMap(({ rule: { match }, path }) =>
    (match.protocol === 'http' ? match.methods : []).flatMap((method, at): Found[] =>
      METHODS.includes(method)
        ? []
        : [
            {
              path: [...path, 'match', 'methods', at],
              message: `${method} is not a common HTTP method${didYouMean(method, METHODS)}`,
            },
          ],
    ),
  );
}
