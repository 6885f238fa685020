import type { Mutation } from './mutation.ts';

const step = ['test/core/used/authorize.test.ts'];
const memory = ['test/core/used/used-memory.test.ts'];
const inStore = ['test/sources/redis/used-in-store.test.ts'];
const assertions = ['test/core/used/single-assertion.test.ts'];

/** Weakenings of the memory of proofs that hold only once, and of the step that asks it. */
export const usedProofs: readonly Mutation[] = [
  {
    name: 'used proofs: nobody is asked whether a proof was used before',
    file: 'src/core/judge-token.ts',
    from: 'if (!first) return undefined;',
    to: 'if (first || !first) return undefined;',
    also: step,
  },
  {
    name: 'used proofs: an observed replay proves who sent it',
    file: 'src/core/judge-token.ts',
    from: 'if (isFirst && !(bound instanceof Denial)) found.boundBy',
    to: 'if (!(bound instanceof Denial)) found.boundBy',
    also: step,
  },
  {
    name: 'used proofs: a proof is marked before it is known whether the request may pass',
    file: 'src/core/judge-token.ts',
    from: "steps?.done('binding_proved');",
    to: "{ steps?.done('binding_proved'); if (proof) void policy.usedProofs.use(proof, '', check.moment); }",
    also: step,
  },
  {
    name: 'used proofs: a store that fails counts as a proof that is new',
    file: 'src/core/authorize.ts',
    from: 'refused.then(ended).catch(failed)',
    to: 'refused.then(ended).catch(() => ended(undefined))',
    also: step,
  },
  {
    name: 'used proofs: a full memory lets proofs pass that it cannot remember',
    file: 'src/core/used/used-memory.ts',
    from: 'throw new DependencyError(',
    to: 'return true || new DependencyError(',
    also: memory,
  },
  {
    name: 'used proofs: one owner may fill the whole memory',
    file: 'src/core/used/used-memory.ts',
    from: '(this.#owners.of(owner).get(owner)?.held ?? 0) < places',
    to: '0 < places',
    also: memory,
  },
  {
    name: 'used proofs: a proof is forgotten in the second in which it may be forgotten',
    file: 'src/core/used/used-memory.ts',
    from: 'Math.ceil((until + longestCheck) / second)',
    to: 'Math.floor((until + longestCheck) / second)',
    also: memory,
  },
  {
    name: 'used proofs: a proof is forgotten while a check that began before may ask for it',
    file: 'src/core/used/used-memory.ts',
    from: '(until + longestCheck)',
    to: 'until',
    also: memory,
  },
  {
    name: 'used proofs: a check that has waited may wait for the primary as long as a new one',
    file: 'src/workers/ask-primary.ts',
    from: 'deadline - Date.now()',
    to: 'deadline - now',
    also: ['test/workers/used-once.test.ts'],
  },
  {
    name: 'used proofs: an issuer that promises a new jti is not held to it',
    file: 'src/core/used/single-assertion.ts',
    from: 'if (!issuer?.singleUse) return undefined;',
    to: 'if (!issuer?.singleUse || issuer) return undefined;',
    also: assertions,
  },
  {
    name: 'used proofs: an assertion without a jti passes as often as it is sent',
    file: 'src/core/used/single-assertion.ts',
    from: "return new Denial('token_claim_malformed', 'jti is missing, and singleUse needs it');",
    to: 'return undefined;',
    also: assertions,
  },
  {
    name: 'used proofs: without an answer of the store a proof counts as new',
    file: 'src/sources/redis/used-in-store.ts',
    from: 'if (!isOutage || !meanwhile) throw error;',
    to: 'if (!isOutage) throw error;\n      if (!meanwhile) return true;',
    also: inStore,
  },
  {
    name: 'used proofs: the mark of another replica counts as our own',
    file: 'src/sources/redis/used-in-store.ts',
    from: 'before === null || before === mark',
    to: "before === null || String(before).endsWith('0')",
    also: inStore,
  },
  {
    name: 'used proofs: the store forgets a proof while a slower clock still accepts it',
    file: 'src/sources/redis/used-in-store.ts',
    from: 'const clockDifference = 30_000;',
    to: 'const clockDifference = 0;',
    also: inStore,
  },
  {
    name: 'used proofs: a store that hangs makes each check wait',
    file: 'src/sources/redis/used-in-store.ts',
    from: 'else attempt.failed();',
    to: 'else attempt.undecided();',
    also: inStore,
  },
  {
    name: 'used proofs: anybody may answer for the store over TLS',
    file: 'src/sources/redis/open-redis.ts',
    from: 'rejectUnauthorized: true',
    to: 'rejectUnauthorized: false',
    also: ['test/sources/redis/redis.test.ts'],
  },
  {
    name: 'used proofs: a far store needs no TLS, if a near one stands before it',
    file: 'src/config/cross-check-store.ts',
    from: 'const far = nodes.find(',
    to: 'const far = nodes.slice(0, 1).find(',
    also: ['test/config/store.test.ts'],
  },
  {
    name: 'used proofs: a primary that cannot remember says that a proof is new',
    file: 'src/workers/ask-primary.ts',
    from: 'return { useAnswer: useRequest, failure: (error as Error).message };',
    to: 'return { useAnswer: useRequest, isFirst: true };',
    also: ['test/workers/used-once.test.ts'],
  },
  {
    name: 'used proofs: each worker remembers for itself',
    file: 'src/serve/start.ts',
    from: 'memory: usedProofs ?? (() => running.loaded.config.limits.usedProofMemory),',
    to: 'memory: () => running.loaded.config.limits.usedProofMemory,',
    also: ['test/workers/used-once.test.ts'],
  },
];
