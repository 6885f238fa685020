import type { Mutation } from './list.ts';

/** Weakenings of what lets a request in that would otherwise be refused. */
export const observing: readonly Mutation[] = [
  {
    name: 'treat a client with a bad token as anonymous where the token is optional',
    file: 'src/core/authorize.ts',
    from: "rule.tokenIsOptional && presented.reason === 'token_missing'",
    to: 'rule.tokenIsOptional',
  },
];
