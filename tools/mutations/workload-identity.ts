import type { Mutation } from './list.ts';

/** Weakenings of workload identity tokens and of their proofs. */
export const workloadIdentity: readonly Mutation[] = [
  {
    name: 'wit: any key may sign the proof',
    file: 'src/core/binding/wit.ts',
    from: 'if (!signedProof(proof, made)) return',
    to: 'if (made === undefined) return',
  },
  {
    name: 'wit: a proof may be for another target',
    file: 'src/core/binding/wit.ts',
    from: 'checkAudience(payload.aud, request, settings) ??',
    to: '',
  },
  {
    name: 'wit: the Host of the request says for whom a proof is',
    file: 'src/core/binding/wit.ts',
    from: 'const origin = origins.get(host.toLowerCase());',
    to: "const origin = origins.get(host.toLowerCase()) ?? 'https://' + host;",
  },
  {
    name: 'wit: one of several audiences is enough',
    file: 'src/core/binding/wit.ts',
    from: 'Array.isArray(aud) && aud.length === 1 ? aud[0] : aud',
    to: 'Array.isArray(aud) ? aud[0] : aud',
  },
  {
    name: 'wit: a proof never expires',
    file: 'src/core/binding/wit.ts',
    from: 'if (now >= expiresAt + clockSkew)',
    to: 'if (expiresAt === 0)',
  },
  {
    name: 'wit: a proof may hold for ever',
    file: 'src/core/binding/wit.ts',
    from: 'if (expiresAt > now + maxLifetime + clockSkew)',
    to: 'if (expiresAt > Number.MAX_VALUE)',
  },
  {
    name: 'wit: a proof can be moved to another WIT',
    file: 'src/core/binding/wit-tokens.ts',
    from: "    [claims.identityToken, identityToken, 'identity token'],\n",
    to: '',
  },
  {
    name: 'wit: an access token can be added to a proof',
    file: 'src/core/binding/wit-tokens.ts',
    from: 'if (token === undefined && value === undefined) continue;',
    to: 'if (value === undefined) continue;',
  },
  {
    name: 'wit: a header that the proof names may be missing',
    file: 'src/core/binding/wit-tokens.ts',
    from: 'if (header === undefined)\n      return mismatch(',
    to: 'if (header === undefined) continue;\n    if (name === undefined)\n      return mismatch(',
  },
  {
    name: 'wit: a proof has no identifier of its own',
    file: 'src/core/binding/wit.ts',
    from: "hash('sha256', `wpt ",
    to: "hash('sha256', sent + `wpt ",
    also: ['test/core/binding/wit.test.ts'],
  },
  {
    name: 'wit: a used proof is forgotten before it is refused as too old',
    file: 'src/core/binding/wit.ts',
    from: 'Number(payload.exp) * 1000 + settings.clockSkew }',
    to: 'Number(payload.exp) * 1000 }',
    also: ['test/core/binding/wit.test.ts'],
  },
  {
    name: 'wit: the first of two proofs counts',
    file: 'src/core/binding/wit-carrier.ts',
    from: "if (found !== undefined) return ambiguous('a proof in each of two headers');",
    to: 'if (found !== undefined) break;',
  },
  {
    name: 'wit: the algorithm of the proof need not be that of the WIT',
    file: 'src/core/binding/wit.ts',
    from: 'const algorithms = new Set([algorithmOf(token.confirmation)]);',
    to: "const algorithms = new Set<AlgorithmName>(['ES256', 'ES384', 'RS256', 'PS256']);",
    also: ['test/core/binding/wit.test.ts'],
  },
  {
    name: 'wit: iss chooses the keys of a WIT',
    file: 'src/core/token/issuers.ts',
    from: 'if (isWit(header)) {\n      const issuer',
    to: 'if (isWit(header) && iss === undefined) {\n      const issuer',
  },
  {
    name: 'wit: a WIT is a bearer token too',
    file: 'src/core/token/credential.ts',
    from: "kinds: new Set<TokenKind>(['access-token', 'opaque-token', 'service-account', 'jwt-svid']),",
    to: "kinds: new Set<TokenKind>(['access-token', 'opaque-token', 'service-account', 'jwt-svid', 'workload-identity-token']),",
  },
  {
    name: 'wit: an access token is a WIT too',
    file: 'src/core/token/profiles.ts',
    from: 'if (typ === undefined || mediaType(typ) !== wit.type)',
    to: 'if (typ === undefined)',
    and: {
      file: 'src/core/token/credential.ts',
      from: "kinds: new Set<TokenKind>(['workload-identity-token']),",
      to: "kinds: new Set<TokenKind>(['workload-identity-token', 'access-token', 'jwt-svid']),",
    },
  },
  {
    name: 'wit: a WIT may come from any trust domain',
    file: 'src/core/token/issuers.ts',
    from: 'return id === undefined || id instanceof Malformed ? undefined : issuers.get(id.trustDomain);',
    to: 'return id === undefined || id instanceof Malformed ? undefined : (issuers.get(id.trustDomain) ?? [...issuers.values()][0]);',
  },
  {
    name: 'wit: the proxy of the sender says who it is',
    file: 'src/core/identity/presets.ts',
    from: 'single(workloadOf(token) ?? peer?.spiffeId?.uri)',
    to: 'single(peer?.spiffeId?.uri)',
    also: ['test/hostile/grpc.test.ts'],
  },
];
