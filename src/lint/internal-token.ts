import type { Found, Subject } from './finding.ts';

/** A minute is enough for a call, and nothing takes a token back. */
const longEnough = 300_000;

/** Internal tokens that live so long that a stolen one is worth something. */
export function findLongTokens({ config: { identity } }: Subject): readonly Found[] {
  const { token } = identity;
  if (!token || token.lifetime <= longEnough) return [];
  return [
    {
      path: ['identity', 'token', 'lifetime'],
      message: 'nobody can revoke a token: 60s is enough, because each request brings a new one',
    },
  ];
}

/** A door at which no request gets a token, because nobody there says whom it is for. */
export function findMissingAudiences({ config }: Subject): readonly Found[] {
  const { identity, listen, http } = config;
  if (!identity.token || !listen.http || Object.keys(identity.token.audiences).length > 0) return [];
  if (http.xfcc !== 'none' && http.forwardAuth.length === 0) return [];
  const where = http.xfcc === 'none' ? 'at listen.http' : 'at the paths of http.forwardAuth';
  return [
    {
      path: ['identity', 'token'],
      message: `no proxy states the destination ${where}, so no request there gets a token: set audiences`,
    },
  ];
}

/** Tokens that nobody can verify, unless the keys reach the verifiers in another way. */
export function findUnservedKeys({ config: { identity, listen } }: Subject): readonly Found[] {
  if (!identity.token || listen.keys) return [];
  return [
    {
      path: ['identity', 'token'],
      message: 'its public keys are not served: set listen.keys, such as 0.0.0.0:9005',
    },
  ];
}
