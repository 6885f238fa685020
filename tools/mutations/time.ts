import type { Mutation } from './mutation.ts';

/** Weakenings of the limits on the time of an input. */
export const time: readonly Mutation[] = [
  {
    name: 'wait for the keys of an issuer as if the check had just begun',
    file: 'src/sources/remote-keys.ts',
    from: 'deadline - this.#options.clock(), late',
    to: 'deadline - now, late',
    also: ['test/sources/remote-keys.test.ts'],
  },
  {
    name: 'let a check wait for what never ends',
    file: 'src/core/check.ts',
    from: 'return endsBy(outcome, rest).then(decided);',
    to: 'return outcome.then(decided);',
    also: ['test/core/check.test.ts'],
  },
  {
    name: 'trim a claim with a pattern',
    file: 'src/core/identity/header-value.ts',
    from: '  return encoded;',
    to: "  return encoded.replace(/^ +| +$/g, '');",
    also: ['test/lint/costly-patterns.test.ts'],
  },
  {
    name: 'read a form of any length',
    file: 'src/core/token/token-request.ts',
    from: 'if (body.length > longestBody)',
    to: 'if (false as boolean)',
    also: ['test/core/token/lengths.test.ts'],
  },
  {
    name: 'pass on a body of any length',
    file: 'src/grpc/check-request.ts',
    from: "Buffer.from(body.slice(0, longestBody + 1), 'latin1').toString('latin1')",
    to: 'body',
    also: ['test/core/token/lengths.test.ts'],
  },
  {
    name: 'take any number of headers at the gRPC door',
    file: 'src/grpc/check-request.ts',
    from: 'if (http && hasRoom(http)) evidence.request',
    to: 'if (http) evidence.request',
  },
  {
    name: 'ignore an escaped access_token in a query',
    file: 'src/core/token/form.ts',
    from: "if (!query.includes('%') && !query.includes(name)) return false;",
    to: 'if (!query.includes(name)) return false;',
    also: ['test/core/token/form.test.ts'],
  },
  {
    name: 'verify with keys of any size of the client',
    file: 'src/core/peer/forwarded-chain.ts',
    from: 'if (isCostly(authority.publicKey))',
    to: 'if (false as boolean)',
    also: ['test/core/peer/costly-intermediate.test.ts'],
  },
  {
    name: 'read lengths of DER that could be shorter',
    file: 'src/core/peer/der.ts',
    from: "if (length < (count === 1 ? 0x80 : 256 ** (count - 1))) throw new Error('a length that could be shorter');",
    to: '',
    also: ['test/core/peer/der.test.ts'],
  },
  {
    name: 'nest certificates without end',
    file: 'src/core/peer/der.ts',
    from: "if (depth === 0) throw new Error('nested too deep');",
    to: '',
    also: ['test/core/peer/der.test.ts'],
  },
];
