import { randomUUID } from 'node:crypto';
import { createSigner, type JwtSigner } from '../support/jwt-signer.ts';
import type { Mint } from './tokens.ts';
import { ISSUER } from './verdicts.ts';

/** The certificate of `client`, as the table needs it. */
export type ClientCertificate = Mint['certificate'] & Pick<Mint, 'thumbprint'>;

/** What makes the tokens, and the signer whose key the issuer has. */
export function createMint(certificate: ClientCertificate): { mint: Mint; signer: JwtSigner } {
  const signer = createSigner('ES256');
  const stranger = createSigner('ES256', { kid: signer.kid });
  const good = (claims = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const standard = { iss: ISSUER, aud: 'orders', sub: 'alice', client_id: 'orders-client' };
    // Without `jti` two tokens of the table could be the same text, and the second would be a known one.
    return { ...standard, iat: now - 10, exp: now + 300, jti: randomUUID(), ...claims };
  };
  const mint: Mint = {
    sign: (claims, header) => signer.sign(good(claims), header),
    forge: (claims) => stranger.sign(good(claims)),
    ...{ certificate, thumbprint: certificate.thumbprint },
    now: Math.floor(Date.now() / 1000),
  };
  return { mint, signer };
}
