import * as z from 'zod';
import { type ProfileName, profileNames } from '../core/token/profiles.ts';
import { legacyIssuer } from '../core/token/service-account.ts';
import { clientAuthenticationNames } from '../sources/client-authentication.ts';
import * as field from './fields.ts';

const kubernetes = z
  .strictObject({
    verify: z
      .enum(['jwks', 'tokenReview', 'both'])
      .describe(
        'How a token is verified. `jwks`: by its signature. `tokenReview`: by the API server. `both`: by signature, then by the API server.',
      ),
    apiServer: field.optional(field.url, 'Default: the API server of the cluster that Peerproof runs in.'),
    tokenFile: field.optional(
      field.text,
      'File of the token that Peerproof sends to the API server. Default: the token of its pod. The file is read again when it changes.',
    ),
  })
  .describe('The issuer is a Kubernetes cluster. Its tokens are ServiceAccount tokens.');

const introspection = z
  .strictObject({
    endpoint: field.url.describe(
      'URL of the introspection endpoint. Peerproof sends the token there, so it must be https, or http on this machine.',
    ),
    clientId: field.text.describe('The client ID of Peerproof at the authorization server.'),
    authentication: z
      .enum(clientAuthenticationNames)
      .default('client_secret_basic')
      .describe('How Peerproof authenticates (RFC 6749 §2.3.1, RFC 7523 §2.2, RFC 8705 §2).'),
    clientSecretFile: field.optional(field.text, 'For client_secret_basic and client_secret_post.'),
    keyFile: field.optional(field.text, 'PEM, for private_key_jwt and tls_client_auth.'),
    keyId: field.optional(field.text, 'The `kid` of that key, if the authorization server needs one.'),
    certFile: field.optional(field.text, 'PEM, for tls_client_auth.'),
  })
  .describe('For opaque tokens: Peerproof asks the authorization server about each token (RFC 7662).');

export const issuer = z
  .strictObject({
    issuer: field.optional(
      field.text,
      "The `iss` of its tokens, compared character by character. Discovery starts at this URL. Default for a cluster: the `iss` of the token of Peerproof's pod.",
    ),
    audiences: field.list(
      field.text,
      'The `aud` of a token must hold at least one of them. A WIT needs none: its proof names the audience.',
    ),
    jwksUri: field.optional(field.url, 'URL of its keys. Replaces OIDC Discovery and RFC 8414.'),
    jwks: z
      .union([field.text, z.looseObject({ keys: z.array(z.looseObject({})) })])
      .optional()
      .describe('Its keys as a JWK Set: either the set itself, or the name of a file.'),
    keys: field.optional(field.text, 'PEM file with its public key.'),
    bundleEndpoint: field.optional(
      field.url,
      'URL of a SPIFFE bundle with its keys (`use: jwt-svid`, or `use: wit-svid` with `accept: wit`), profile https_web.',
    ),
    kubernetes: kubernetes.optional(),
    introspection: introspection.optional(),
    ca: field.optional(
      field.text,
      "PEM file of the certificate authorities that are trusted for connections to it. Replaces the system's.",
    ),
    accept: z
      .enum(profileNames)
      .optional()
      .describe(
        'Which tokens are accepted. `at+jwt`: only access tokens that follow RFC 9068. `any`: other access tokens too. `id-token`: ID tokens as well, for an issuer that has no other tokens. `jwt-svid`: only JWT-SVIDs. `wit`: only workload identity tokens (WIT), which a rule with `credential: wit` reads. `service-account`: only ServiceAccount tokens. Default: `service-account` for a cluster, otherwise `any`.',
      ),
    trustDomain: field.optional(
      field.trustDomain,
      'The trust domain of its JWT-SVIDs, WITs or ServiceAccounts. Default: the trust domain in `peers.trustDomains`, if there is only one.',
    ),
    algorithms: field.signingAlgorithms,
    clockSkew: field.duration(
      '30s',
      'The largest accepted difference between its clock and the clock of Peerproof.',
    ),
    refresh: field.duration('5m', 'How often its keys are fetched.'),
    keep: field.duration('24h', 'How long its last keys are used while it does not answer.'),
    coolDown: field.duration('30s', 'The shortest time between two fetches that an unknown `kid` causes.'),
    remember: field.duration(
      '10s',
      'Positive answers of TokenReview and introspection are cached this long, but never past `exp`. Negative ones are cached for a fifth of it.',
    ),
    timeout: field.duration('5s', 'How long Peerproof waits for one of its answers.'),
    singleUse: field.flag(
      'Each of its client assertions is accepted once, by its `jti` (`proof_replayed`). Only for an issuer that promises a new `jti` for each assertion. SPIRE and Kubernetes give the same token to a workload several times. Access tokens are used often, so nothing changes for them.',
    ),
    allowInsecureHttp: field.flag('Allows plain http to a host other than this machine.'),
    allowInsecureNoAudience: field.flag(
      'Accepts tokens without `aud`. Such a token is valid at every service.',
    ),
    allowInsecureNoExpiry: field.flag('Accepts tokens without `exp`. Such a token never expires.'),
  })
  .refine(({ keep, refresh }) => keep >= refresh, {
    path: ['keep'],
    message: 'must not be shorter than refresh: keys would be discarded while the issuer still answers',
  })
  .describe('An issuer of tokens.');

export type IssuerConfig = z.output<typeof issuer>;

export function tokenProfile({ accept, kubernetes: cluster, issuer: iss }: IssuerConfig): ProfileName {
  return accept ?? (cluster || iss === legacyIssuer ? 'service-account' : 'any');
}
