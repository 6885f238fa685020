import * as z from 'zod';
import { algorithmNames } from '../core/token/algorithms.ts';
import * as field from './fields.ts';

/** Members that a resource may say of itself (RFC 9728 §2), by their names in the document. */
const document = z
  .strictObject({
    authorization_servers: field.optional(
      z.array(field.url),
      'Default: the issuers of access tokens that the rules for the resource accept.',
    ),
    scopes_supported: field.optional(
      z.array(field.scope),
      'Default: the scopes that the rules for the resource require.',
    ),
    tls_client_certificate_bound_access_tokens: field.optional(
      z.boolean(),
      'Default: true, if a rule for the resource accepts the proof `certificate`.',
    ),
    dpop_signing_alg_values_supported: field.optional(
      z.array(z.enum(algorithmNames)),
      'Default: what the rules for the resource accept.',
    ),
    dpop_bound_access_tokens_required: field.optional(
      z.boolean(),
      'Default: what the rules for the resource require.',
    ),
    authorization_details_types_supported: field.optional(z.array(field.text), 'Types of RFC 9396.'),
    jwks_uri: field.optional(field.url, 'The keys of the application, not those of an issuer.'),
    resource_signing_alg_values_supported: field.optional(
      z.array(field.text),
      'The algorithms with which the application signs its answers.',
    ),
    resource_name: field.optional(field.text, 'A name for people.'),
    resource_documentation: field.optional(field.url, 'A page for developers.'),
    resource_policy_uri: field.optional(field.url, 'A page about how its data may be used.'),
    resource_tos_uri: field.optional(field.url, 'A page with its terms of service.'),
  })
  .prefault({})
  .describe(
    'Members of the document, by their names in RFC 9728 §2. Each replaces what Peerproof would write. An empty list leaves its member out.',
  );

const protectedResource = z.strictObject({
  resource: field.url.describe(
    'The identifier of the resource: the URL that clients use, such as `https://mcp.example.com/tools`. All paths below it belong to it. Clients find its document at `https://mcp.example.com/.well-known/oauth-protected-resource/tools`.',
  ),
  hosts: field.optional(
    z.array(field.hostPattern).min(1, 'must hold at least one host'),
    'Patterns for the Host of its requests, as the proxy sees it. Default: the host of `resource`.',
  ),
  document,
});

/** The resources whose metadata Peerproof serves (RFC 9728). */
export const resourceMetadata = z
  .array(protectedResource)
  .max(64, 'must hold at most 64 resources')
  .default([])
  .describe(
    'Resources with a document that tells clients which authorization servers, scopes and proofs they need (RFC 9728). Anyone can read it. A refusal of a request to the resource names it (`resource_metadata` in WWW-Authenticate). Envoy gets it over gRPC, and everyone at `listen.metadata`.',
  );

export type ProtectedResourceConfig = z.output<typeof protectedResource>;
