import type { Mutation } from './mutation.ts';

/** Weakenings of what lets a request in that would otherwise be refused. */
export const observing: readonly Mutation[] = [
  {
    name: 'treat a client with a bad token as anonymous where the token is optional',
    file: 'src/core/authorize.ts',
    from: "rule.tokenIsOptional && presented.reason === 'token_missing'",
    to: 'rule.tokenIsOptional',
  },
  {
    name: 'let an observed check tell whose token it brought, without a proof of the sender',
    file: 'src/core/observe.ts',
    from: 'token && boundBy && person &&',
    to: 'token &&',
    also: ['test/core/observe.test.ts'],
  },
  {
    name: 'name a user where no rule covers an observed check, whatever issuers the rules accept',
    file: 'src/serve/create-policy.ts',
    from: 'issuers: issuersOfAll(config)',
    to: 'issuers: []',
    also: ['test/core/observe.test.ts'],
  },
  {
    name: 'let an observed check pass that could not be read',
    file: 'src/core/observe.ts',
    from: '|| evidence.flaw || evidence.outage',
    to: '',
    also: ['test/core/observe.test.ts'],
  },
  {
    name: 'enforce nothing of a rule of which one requirement is observed',
    file: 'src/core/observe.ts',
    from: 'return enforced ? { ...enforced, found } : pass(',
    to: 'return pass(',
    also: ['test/core/observe.test.ts'],
  },
  {
    name: 'name the sender of an observed check in the metadata from what was only presented',
    file: 'src/core/identity/metadata.ts',
    from: 'found: decision.proven',
    to: 'found: decision.found',
    also: ['test/core/observe.test.ts'],
  },
  {
    name: 'let a shadow ask an issuer about a token',
    file: 'src/serve/silent-issuer.ts',
    from: '{ ...moment, deadline: 0 }',
    to: 'moment',
    also: ['test/serve/silent-issuer.test.ts'],
  },
];
