import type { Mutation } from './mutation.ts';

/** Weakenings of the reader of tokens. */
export const tokens: readonly Mutation[] = [
  {
    name: 'read the name of a form parameter past the NUL where PHP ends it',
    file: 'src/core/token/token-request.ts',
    from: '(byte === NUL || ',
    to: '(',
    also: ['test/core/token/form.test.ts'],
  },
  {
    name: 'skip the audience',
    file: 'src/core/token/accept-token.ts',
    from: 'if (!token.audiences.some((audience) => issuer.audiences.includes(audience)))',
    to: 'if (false as boolean)',
  },
  {
    name: 'compare the audience by its beginning',
    file: 'src/core/token/accept-token.ts',
    from: 'issuer.audiences.includes(audience)',
    to: 'issuer.audiences.some((one) => audience.startsWith(one))',
  },
  {
    name: 'skip exp',
    file: 'src/core/token/accept-token.ts',
    from: 'if (token.expiresAt !== undefined && now >= token.expiresAt + issuer.clockSkew)',
    to: 'if (false as boolean)',
  },
  {
    name: 'let a token without exp live for ever',
    file: 'src/core/token/accept-token.ts',
    from: 'if (token.expiresAt === undefined && !issuer.allowInsecureNoExpiry)',
    to: 'if (false as boolean)',
  },
  {
    name: 'skip the profile: an ID token passes for an access token',
    file: 'src/core/token/accept-token.ts',
    from: "if (another) return new Denial('token_type_not_allowed', another);",
    to: 'void another;',
  },
  {
    name: 'accept HS256, with the public key as the secret',
    file: 'src/core/token/algorithms.ts',
    from: "  RS256: pkcs1('sha256'),",
    to: `  RS256: pkcs1('sha256'),
  HS256: {
    kty: 'RSA',
    check: (input, key, signature) => {
      const pem = key.export({ type: 'spki', format: 'pem' });
      return process.getBuiltinModule('node:crypto').createHmac('sha256', pem).update(input).digest().equals(signature);
    },
  },`,
    and: {
      file: 'src/core/token/signature.ts',
      from: 'if (!issuer.algorithms.has(alg))',
      to: "if ((alg as string) !== 'HS256' && !issuer.algorithms.has(alg))",
    },
  },
  {
    name: 'believe any signature',
    file: 'src/core/token/signature.ts',
    from: '    return algorithms[alg].check(jws.signingInput, candidate.key, jws.signature);',
    to: '    algorithms[alg].check(jws.signingInput, candidate.key, jws.signature);\n    return true;',
  },
  {
    name: 'ignore crit',
    file: 'src/core/token/signature.ts',
    from: 'if (crit !== undefined || b64 !== undefined)',
    to: 'if (false as boolean)',
  },
  {
    name: 'take the algorithms of one issuer for those of all',
    file: 'src/core/token/signature.ts',
    from: 'if (!issuer.algorithms.has(alg))',
    to: 'if (false as boolean)',
  },
  {
    name: 'compare iss without its trailing slash',
    file: 'src/core/token/issuers.ts',
    from: "return typeof iss === 'string' ? this.#byIss.get(iss) : undefined;",
    to: "return typeof iss === 'string' ? this.#byIss.get(iss.replace(/[/]$/, '')) : undefined;",
  },
  {
    name: 'accept loose base64url',
    file: 'src/core/token/jws.ts',
    from: "return bytes.toString('base64url') === segment ? bytes : undefined;",
    to: 'return bytes;',
  },
  {
    name: 'take the first of two access tokens',
    file: 'src/core/token/authorization.ts',
    from: "if (header.includes(',') && (namesScheme(header, 'bearer') || namesScheme(header, 'dpop')))",
    to: "if (header.includes(',')) return { token: header.split(',')[0]?.slice(7) ?? '' };\n  if (false as boolean)",
  },
  {
    name: 'remember a token whose key was withdrawn',
    file: 'src/core/token/verify-token.ts',
    from: 'if (issuer?.keys?.current(now).keys.includes(remembered.key))',
    to: 'if (issuer)',
    also: ['test/hostile/stories.test.ts', 'test/core/token/memory.test.ts'],
  },
];
