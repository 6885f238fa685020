import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';

/** The credentials of a client of an authorization server. */
export interface ClientCredentials {
  readonly clientId: string;
  /** For `client_secret_basic` and `client_secret_post`. */
  readonly clientSecret?: string | undefined;
  /** PEM of the private key, for `private_key_jwt`. */
  readonly key?: string | undefined;
  /** The `kid` of that key, if the authorization server needs one. */
  readonly keyId?: string | undefined;
  /** The `aud` of the assertion: the server's issuer, or else the endpoint. */
  readonly audience: string;
}

/** Is added to a request. */
export interface ClientProof {
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

/** @param now milliseconds since the epoch */
export type ProveClient = (now: number) => Promise<ClientProof>;

/** Seconds that an assertion is valid. */
const assertionLife = 60;

/**
 * How a client authenticates at an endpoint of the authorization server. One row a method of RFC 8414's
 * `token_endpoint_auth_methods`. Each returns a function that is called for every request.
 * @throws TypeError if the credentials are incomplete, or hold no usable key
 */
export const clientAuthentications = {
  /** RFC 6749 §2.3.1: both parts form-urlencoded before base64. */
  client_secret_basic: ({ clientId, clientSecret }): ProveClient => {
    const pair = `${formEncoded(clientId)}:${formEncoded(needed(clientSecret, 'a client secret'))}`;
    const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    return async () => ({ headers: { authorization } });
  },
  /** RFC 6749 §2.3.1, in the body. */
  client_secret_post: ({ clientId, clientSecret }): ProveClient => {
    const form = { client_id: clientId, client_secret: needed(clientSecret, 'a client secret') };
    return async () => ({ form });
  },
  /** RFC 7523 §2.2: a new assertion for each request, with its own `jti`. */
  private_key_jwt: ({ clientId, key, keyId, audience }): ProveClient => {
    const signingKey = privateKey(needed(key, 'a private key'));
    const header = { alg: signingAlgorithm(signingKey), ...(keyId !== undefined && { kid: keyId }) };
    return async (now) => {
      // Loaded by the first use, because most services sign nothing.
      const { SignJWT } = await import('jose');
      const issuedAt = Math.floor(now / 1000);
      const assertion = await new SignJWT()
        .setProtectedHeader(header)
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(audience)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + assertionLife)
        .sign(signingKey);
      return {
        form: {
          client_id: clientId,
          client_assertion: assertion,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        },
      };
    };
  },
  /** RFC 8705 §2: the client certificate of the connection authenticates. */
  tls_client_auth:
    ({ clientId }): ProveClient =>
    async () => ({ form: { client_id: clientId } }),
} as const satisfies Record<string, (credentials: ClientCredentials) => ProveClient>;

export type ClientAuthentication = keyof typeof clientAuthentications;
export const clientAuthenticationNames = Object.keys(clientAuthentications) as ClientAuthentication[];

function needed(value: string | undefined, what: string): string {
  if (!value) throw new TypeError(`${what} is needed`);
  return value;
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's message about a broken key is left out, because the key is a secret.
    throw new TypeError('the private key cannot be read: PEM without a passphrase is needed');
  }
}

function signingAlgorithm({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): string {
  const curves: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
  const types: Record<string, string | undefined> = {
    rsa: 'RS256',
    'rsa-pss': 'PS256',
    ed25519: 'EdDSA',
    ec: curves[asymmetricKeyDetails?.namedCurve ?? ''],
  };
  return needed(types[type ?? ''], 'an RSA, EC or Ed25519 key');
}
