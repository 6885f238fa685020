import * as field from './fields.ts';

/** Of a rule for a token endpoint. */
export const authorizationServer = field.optional(
  field.text,
  'With `credential: client-assertion`: the issuer identifier of the authorization server, such as `https://as.example.com`. Clients may then also send an assertion of the type `jwt-spiffe`: a JWT-SVID whose only `aud` is this value. They may leave out `client_id`, if exactly one client in `clients` is registered for their workload.',
);
