// A service that answers only requests with a token of Peerproof for itself. Needs: npm install jose
import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/**
 * Makes the function that verifies a token, or throws. The keys are fetched when they are first needed, and again
 * when a token names a key that is unknown.
 */
export function createVerifier({ jwksUrl, issuer, audience }) {
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  return async (token) => {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      typ: 'peerproof+jwt',
      // Never the algorithm that the token asks for: only those that Peerproof signs with.
      algorithms: ['ES256', 'EdDSA', 'RS256'],
      requiredClaims: ['sub', 'exp', 'iat', 'jti'],
    });
    return payload;
  };
}

if (import.meta.main) {
  const { JWKS_URL: jwksUrl, ISSUER: issuer, AUDIENCE: audience, PORT: port } = process.env;
  const verify = createVerifier({ jwksUrl, issuer, audience });
  createServer(async (request, response) => {
    const claims = await verify(request.headers['x-peerproof-token'] ?? '').catch(() => undefined);
    if (!claims) return response.writeHead(401).end('unauthorized\n');
    return response.end(`${claims.sub} ${claims.spiffe_id}\n`);
  }).listen(Number(port), '127.0.0.1');
}
