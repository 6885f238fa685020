import type { Mutation } from './mutation.ts';

const proof = 'src/core/binding/dpop.ts';

/** Weakenings of the proof by DPoP. */
export const dpop: readonly Mutation[] = [
  {
    name: 'DPoP: believe a proof of any key',
    file: proof,
    from: 'if (key.thumbprint !== confirmation.value)',
    to: 'if (false as boolean)',
  },
  {
    name: 'DPoP: leave out the signature',
    file: proof,
    from: 'if (!signedProof(proof, made))',
    to: 'if (false as boolean)',
  },
  {
    name: 'DPoP: take a bound token that was sent as Bearer, if there is a proof',
    file: proof,
    from: "if (presented.scheme !== 'dpop')",
    to: "if (presented.scheme !== 'dpop' && !request.headers.dpop)",
  },
  {
    name: 'DPoP: leave out the method',
    file: proof,
    from: 'if (htm !== method)',
    to: 'if (false as boolean)',
  },
  {
    name: 'DPoP: leave out the address',
    file: proof,
    from: 'if (here === named) return undefined;',
    to: 'if (here) return undefined;',
  },
  {
    name: 'DPoP: take the address from what the client says of its host',
    file: proof,
    from: 'requestTarget(origins.get(request.host.toLowerCase()), request)',
    to: "requestTarget(request.headers['x-forwarded-host'] && 'https://' + request.headers['x-forwarded-host'], request)",
  },
  {
    name: 'DPoP: take a proof for another token, if it names none',
    file: proof,
    from: 'if (ath === digest) return undefined;',
    to: 'if (ath === digest || ath === undefined) return undefined;',
  },
  {
    name: 'DPoP: take proofs of any age',
    file: proof,
    from: 'return now < until\n    ? until',
    to: 'return until > 0\n    ? until',
  },
  {
    name: 'DPoP: take proofs of the future, which can be made in advance',
    file: proof,
    from: 'if (made > now + clockSkew)',
    to: 'if (false as boolean)',
  },
  {
    name: 'DPoP: ask for a nonce, and take any',
    file: proof,
    from: "typeof nonce === 'string' ? nonces.holdsUntil(nonce, now) : undefined",
    to: "typeof nonce === 'string' ? now + 1 : undefined",
  },
  {
    name: 'DPoP: take nonces for ever',
    file: 'src/core/binding/nonces.ts',
    from: 'for (const near of [slot - 1, slot, slot + 1])',
    to: 'for (const near of Array.from({ length: 99 }, (_, n) => slot - n))',
    also: ['test/core/binding/nonces.test.ts'],
  },
  {
    name: 'DPoP: refuse the nonces of a key as soon as it is replaced',
    file: 'src/core/binding/nonce-keys.ts',
    from: 'return [...keys, ...gone].slice(0, mostKeys);',
    to: 'return [...keys, ...gone].slice(0, keys.length);',
    also: ['test/core/binding/nonces.test.ts'],
  },
  {
    name: 'DPoP: take the first of two proofs',
    file: 'src/core/binding/proof-jwt.ts',
    from: "if (value.includes(',')) return",
    to: "if (value.includes(',')) return readProof(value.split(',')[0], form);\n  if (value === '') return",
  },
  {
    name: 'DPoP: read a proof of any length',
    file: 'src/core/binding/proof-jwt.ts',
    from: 'if (value.length > longest)',
    to: 'if (false as boolean)',
  },
  {
    name: 'DPoP: take any JWT for a proof',
    file: 'src/core/binding/proof-jwt.ts',
    from: 'if (jws.header.typ !== typ)',
    to: 'if (false as boolean)',
  },
  {
    name: 'DPoP: take algorithms that are not in the list',
    file: 'src/core/binding/proof-jwt.ts',
    from: 'if (isAlgorithm(alg) && form.algorithms.has(alg))',
    to: 'if (isAlgorithm(alg))',
  },
  {
    name: 'DPoP: take a private key',
    file: 'src/core/binding/proof-key.ts',
    from: 'if (secret !== undefined)',
    to: 'if (false as boolean)',
  },
  {
    name: 'DPoP: compute with an exponent of any length',
    file: 'src/core/binding/proof-key.ts',
    from: '(members.e?.length ?? 0) > longestExponent',
    to: '(members.e?.length ?? 0) > 999',
  },
  {
    name: 'DPoP: remember keys before they have signed',
    file: proof,
    from: '  if (!signedProof(proof, made))',
    to: '  dpop.keys.set(key.thumbprint, made);\n  if (!signedProof(proof, made))',
    also: ['test/core/binding/dpop.test.ts'],
  },
  {
    name: 'DPoP: decode escapes that change the meaning of an address',
    file: 'src/core/binding/target.ts',
    from: 'const unreserved = /[A-Za-z0-9._~-]/;',
    to: 'const unreserved = /[A-Za-z0-9._~/+%-]/;',
    also: ['test/core/binding/target.test.ts'],
  },
  {
    name: 'DPoP: let another token pass with the scheme DPoP',
    file: 'src/core/binding/bind.ts',
    from: "if (facts.presented.scheme === 'dpop' && confirmation?.member !== 'jkt')",
    to: 'if (false as boolean)',
  },
  {
    name: 'DPoP: let the Host of the client end the address before its path',
    file: 'src/core/binding/target.ts',
    from: 'origin === undefined && /[/?#]/.test(host)',
    to: 'origin === undefined && host === path',
    also: ['test/core/binding/target.test.ts'],
  },
  {
    name: 'DPoP: take a proof with another signature for another proof',
    file: 'src/core/binding/dpop.ts',
    from: "'sha256', `dpop ",
    to: "'sha256', proof.jws.signature.toString('hex') + `dpop ",
    also: ['test/hostile/stories.test.ts'],
  },
];
