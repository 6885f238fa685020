import { z } from 'zod';
import { algorithmNames } from '../core/token/algorithms.ts';
import { type ProfileName, profileNames } from '../core/token/profiles.ts';
import { legacyIssuer } from '../core/token/service-account.ts';
import { clientAuthenticationNames } from '../sources/client-authentication.ts';
import * as field from './fields.ts';

const kubernetes = z
  .strictObject({
    verify: z
      .enum(['jwks', 'tokenReview', 'both'])
      .describe('By signature, by asking the API server (TokenReview), or by both in this order.'),
    apiServer: field.url
      .optional()
      .describe('Default: the API server of the cluster that Peerproof runs in.'),
    tokenFile: field.text
      .optional()
      .describe(
        "Token that Peerproof itself shows to the API server. Default: the pod's own; re-read when it rotates.",
      ),
  })
  .describe('The issuer is a Kubernetes cluster, its tokens are ServiceAccount tokens.');

const introspection = z
  .strictObject({
    endpoint: field.url,
    clientId: field.text.describe('As what Peerproof is registered at the authorization server.'),
    authentication: z
      .enum(clientAuthenticationNames)
      .default('client_secret_basic')
      .describe('How it authenticates (RFC 6749 §2.3.1, RFC 7523 §2.2, RFC 8705 §2).'),
    clientSecretFile: field.text.optional().describe('For client_secret_basic and client_secret_post.'),
    keyFile: field.text.optional().describe('PEM, for private_key_jwt and tls_client_auth.'),
    keyId: field.text.optional().describe('`kid` of that key, where the authorization server wants one.'),
    certFile: field.text.optional().describe('PEM, for tls_client_auth.'),
  })
  .describe('Opaque tokens: the authorization server is asked about each (RFC 7662).');

/** Every setting of an issuer, once. */
export const issuer = z
  .strictObject({
    issuer: field.text
      .optional()
      .describe(
        "The `iss` of its tokens, compared character by character; also where discovery starts. A cluster's own by default.",
      ),
    audiences: z.array(field.text).default([]).describe('A token must name one of them in `aud`.'),
    jwksUri: field.url.optional().describe('Where its keys are, instead of OIDC Discovery or RFC 8414.'),
    jwks: z
      .union([field.text, z.looseObject({ keys: z.array(z.looseObject({})) })])
      .optional()
      .describe('Its keys as a JWK Set: written here, or in a file.'),
    keys: field.text.optional().describe('Its public key: a PEM file.'),
    bundleEndpoint: field.url
      .optional()
      .describe('Its keys in a SPIFFE bundle (`use: jwt-svid`), profile https_web.'),
    kubernetes: kubernetes.optional(),
    introspection: introspection.optional(),
    ca: field.text
      .optional()
      .describe("PEM file of the authorities trusted for it, instead of the system's."),
    accept: z
      .enum(profileNames)
      .optional()
      .describe(
        '`at+jwt`: RFC 9068 to the letter. `any`: also other access tokens. `jwt-svid`, `service-account`: these alone. Default: `service-account` for a cluster, else `any`.',
      ),
    trustDomain: field.trustDomain
      .optional()
      .describe(
        'Whose workloads its JWT-SVIDs or ServiceAccounts are. Default: the only trust domain there is.',
      ),
    algorithms: z
      .array(z.enum(algorithmNames))
      .min(1)
      .default(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])
      .describe('JWS algorithms; symmetric ones and none do not exist here.'),
    clockSkew: field.duration.prefault('30s').describe('How far its clock may be off.'),
    refresh: field.duration.prefault('5m').describe('How often its keys are fetched.'),
    keep: field.duration.prefault('24h').describe('How long its keys are used while it does not answer.'),
    coolDown: field.duration
      .prefault('30s')
      .describe('The least time between two fetches that unknown `kid`s cause.'),
    remember: field.duration
      .prefault('10s')
      .describe(
        'How long a yes of TokenReview or introspection counts; never past `exp`. A no: a fifth of it.',
      ),
    timeout: field.duration.prefault('5s').describe('The longest that one of its answers may take.'),
    allowInsecureHttp: z
      .boolean()
      .default(false)
      .describe('Lets it be asked over plain http outside this machine.'),
    allowInsecureNoAudience: z
      .boolean()
      .default(false)
      .describe('Accepts tokens without `aud`: usable at every service.'),
    allowInsecureNoExpiry: z
      .boolean()
      .default(false)
      .describe('Accepts tokens without `exp`: usable for ever.'),
  })
  .refine(({ keep, refresh }) => keep >= refresh, {
    path: ['keep'],
    message: 'must not be shorter than refresh: keys would be given up while the issuer is well',
  })
  .describe('An issuer of tokens.');

export type IssuerConfig = z.output<typeof issuer>;

/** What its tokens have to be. */
export function profileOf({ accept, kubernetes: cluster, issuer: iss }: IssuerConfig): ProfileName {
  return accept ?? (cluster || iss === legacyIssuer ? 'service-account' : 'any');
}
