import type { Mutation } from './mutation.ts';

const minted = ['test/core/internal-token/minted.test.ts'];

/** Weakenings of the tokens that say what was proven. */
export const internalTokens: readonly Mutation[] = [
  {
    name: 'internal token: it names the gateway, and not the workload behind it',
    file: 'src/core/internal-token/claims.ts',
    from: 'spiffeId: senderId({ token, sender, peer })',
    to: 'spiffeId: peer?.spiffeId?.uri',
    also: ['test/core/binding/wit-beside-token.test.ts'],
  },
  {
    name: 'leave the internal token of the client in its place',
    file: 'src/core/identity/identity.ts',
    from: 'if (internalToken) managed.set(',
    to: 'if (internalToken && (false as boolean)) managed.set(',
    also: minted,
  },
  {
    name: 'send the internal token of one destination to another',
    file: 'src/core/identity/known-identity.ts',
    from: 'return token.digest && ',
    to: 'return token.digest || ',
    also: minted,
  },
  {
    name: 'let an internal token outlive the token of the request',
    file: 'src/core/internal-token/mint.ts',
    from: '(ends ?? Infinity)',
    to: '(ends ? Infinity : Infinity)',
    also: minted,
  },
  {
    name: 'send an internal token again after its time',
    file: 'src/core/internal-token/mint.ts',
    from: 'return until > now && until - now <= reuse;',
    to: 'return until - now <= reuse;',
    also: minted,
  },
  {
    name: 'make two scopes of one that holds a space, in an internal token',
    file: 'src/core/internal-token/claims.ts',
    from: '.filter((scope) => scopeForm.test(scope))',
    to: '',
    also: minted,
  },
  {
    name: 'mint an internal token for a host that the proxy may have read differently',
    file: 'src/core/internal-token/policy.ts',
    from: 'return others.length === 0 ? audiences',
    to: 'return others.length < 9 ? audiences',
    also: minted,
  },
  {
    name: 'mint what is only observed, without a proof of the sender',
    file: 'src/core/observe.ts',
    from: '(proven.token && tokenOf(proven,',
    to: '(found.token && tokenOf(found,',
    also: minted,
  },
  {
    name: 'skip the signature of a Transaction Token',
    file: 'src/core/internal-token/transaction.ts',
    from: 'if (!isSignedBy(key, jws.signingInput, jws.signature))',
    to: 'if (false as boolean)',
  },
  {
    name: 'skip the trust domain of a Transaction Token',
    file: 'src/core/internal-token/transaction.ts',
    from: 'if (aud !== trustDomain)',
    to: 'if (false as boolean)',
  },
  {
    name: 'skip the time of a Transaction Token',
    file: 'src/core/internal-token/transaction.ts',
    from: 'if (now < transaction.expiresAt) return transaction;',
    to: 'if (now) return transaction;',
  },
  {
    name: 'take an internal token for one destination for a Transaction Token',
    file: 'src/core/internal-token/transaction.ts',
    from: "if (typ !== formats['txn-token'].typ)",
    to: "if (typeof typ !== 'string' || typ === 'JWT')",
  },
  {
    name: 'believe a Transaction Token from outside of the trust domain',
    file: 'src/core/internal-token/transaction.ts',
    from: 'if (peer?.spiffeId?.trustDomain !== policy.trustDomain) return undefined;',
    to: 'void peer;',
  },
  {
    name: 'let a key sign before verifiers can know it',
    file: 'src/sources/signing-key-files.ts',
    from: 'return now - publishedAt >= this.#options.signAfter;',
    to: 'return now >= publishedAt;',
    also: ['test/sources/signing-key-files.test.ts'],
  },
  {
    name: 'forget a key while its tokens are valid',
    file: 'src/sources/signing-key-files.ts',
    from: 'if (now - neededAt > this.#options.keepAfter)',
    to: 'if (now > neededAt)',
    also: ['test/sources/signing-key-files.test.ts'],
  },
  {
    name: 'publish the private half of a key',
    file: 'src/core/internal-token/signing-key.ts',
    from: 'const { kid, members } = describe(publicKey);',
    to: "const { kid, members } = { ...describe(publicKey), members: privateKey.export({ format: 'jwk' }) as Record<string, string> };",
    also: ['test/core/internal-token/signing-key.test.ts'],
  },
];
