import type { Mutation } from './list.ts';

const step = ['test/core/used/authorize.test.ts'];
const memory = ['test/core/used/used-memory.test.ts'];

/** Weakenings of the memory of proofs that hold only once, and of the step that asks it. */
export const usedProofs: readonly Mutation[] = [
  {
    name: 'used proofs: nobody is asked whether a proof was used before',
    file: 'src/core/authorize.ts',
    from: 'if (!once) return ended(undefined);',
    to: 'if (once || !once) return ended(undefined);',
    also: step,
  },
  {
    name: 'used proofs: an observed replay proves who sent it',
    file: 'src/core/authorize.ts',
    from: 'if (isFirst && !(bound instanceof Denial)) found.boundBy',
    to: 'if (!(bound instanceof Denial)) found.boundBy',
    also: step,
  },
  {
    name: 'used proofs: a proof is marked before it is known whether the request may pass',
    file: 'src/core/authorize.ts',
    from: "steps?.done('binding_proved');",
    to: "{ steps?.done('binding_proved'); if (proof) void policy.usedProofs.use(proof, '', moment); }",
    also: step,
  },
  {
    name: 'used proofs: a store that fails counts as a proof that is new',
    file: 'src/core/authorize.ts',
    from: 'used.then(judgeUse).catch(failed)',
    to: 'used.then(judgeUse).catch(() => judgeUse(true))',
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
    name: 'used proofs: a proof is forgotten in the second in which it expires',
    file: 'src/core/used/used-memory.ts',
    from: 'Math.max(Math.ceil(until / second), this.#next)',
    to: 'Math.max(Math.floor(until / second), this.#next)',
    also: memory,
  },
];
