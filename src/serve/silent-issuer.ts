import { DependencyError } from '../core/denial.ts';
import type { Issuer } from '../core/token/issuers.ts';

/**
 * The issuer for a shadow: it uses the keys and answers that are known, and asks nobody. So the checks of a
 * shadow take no place from those that wait for an answer, and no issuer hears of them.
 */
export function silentIssuer(issuer: Issuer): Issuer {
  const { keys, authority } = issuer;
  return {
    ...issuer,
    keys: keys && {
      current: (now) => keys.current(now),
      refreshFor: async () => {
        throw new DependencyError('issuer_unavailable', 'a shadow does not fetch keys', 1);
      },
    },
    // After the deadline only a remembered answer is given.
    authority: authority && {
      ask: (token, digest, moment) => authority.ask(token, digest, { ...moment, deadline: 0 }),
    },
  };
}
