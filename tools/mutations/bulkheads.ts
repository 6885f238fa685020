import type { Mutation } from './mutation.ts';

/** Weakenings of the limits that divide places among issuers and senders. */
export const bulkheads: readonly Mutation[] = [
  {
    name: 'bulkhead: count the checks of an issuer, and not those of a sender',
    file: 'src/sources/bulkhead.ts',
    from: 'if (held >= this.#left(asker) - this.#waiting) {',
    to: 'if (this.#waiting >= this.#left(asker)) {',
    also: ['test/sources/bulkhead.test.ts'],
  },
  {
    name: 'bulkhead: keep no places for known tokens',
    file: 'src/sources/bulkhead.ts',
    from: 'return (known ? places : withoutReserve(places)) - taken;',
    to: 'return places - taken;',
    also: ['test/sources/bulkhead.test.ts'],
  },
  {
    name: 'bulkhead: treat all waiting callers as one sender',
    file: 'src/core/authorize.ts',
    from: 'const asking = { ...moment, sender: peer?.spiffeId?.uri ?? peer?.thumbprint };',
    to: 'const asking = moment;',
    also: ['test/sources/flooded-issuer.test.ts'],
  },
  {
    name: 'bulkhead: first come, first served, in place of turns',
    file: 'src/sources/turns.ts',
    from: 'this.#queues.delete(newest.asker.name);\n      if (queue.length > 0) this.#queues.set(newest.asker.name, queue);',
    to: 'if (queue.length === 0) this.#queues.delete(newest.asker.name);',
    also: ['test/sources/turns.test.ts'],
  },
  {
    name: 'bulkhead: a flood may take every slot',
    file: 'src/sources/turns.ts',
    from: 'return known || held < 2 * (withoutReserve(this.slots) - this.#unknown);',
    to: 'return true;',
    also: ['test/sources/turns.test.ts'],
  },
  {
    name: 'bulkhead: failures of one sender open the breaker for all',
    file: 'src/sources/breaker.ts',
    from: 'return this.open && (this.#failing === undefined || this.#failing === asker);',
    to: 'return this.open;',
    also: ['test/sources/cached-authority-breaker.test.ts'],
  },
  {
    name: 'bulkhead: one breaker for known tokens and junk',
    file: 'src/sources/cached-authority.ts',
    from: 'return known ? this.#breakers.known : this.#breakers.others;',
    to: 'return known ? this.#breakers.others : this.#breakers.others;',
    also: ['test/sources/cached-authority-breaker.test.ts'],
  },
  {
    name: 'bulkhead: a refused token stays a known one',
    file: 'src/sources/answer-cache.ts',
    from: '      this.#owners.delete(digest);\n',
    to: '',
    also: ['test/sources/cached-authority-breaker.test.ts'],
  },
  {
    name: 'bulkhead: the checks of several senders that join one question count as one sender',
    file: 'src/sources/cached-authority.ts',
    from: 'asker: asker === name ? name : undefined',
    to: 'asker',
    also: ['test/sources/cached-authority-breaker.test.ts'],
  },
];
