import { z } from 'zod';

/** How the proxy that asks reads a Host: of `serve`, and of `inject`. */
export const hosts = z
  .strictObject({
    ignorePort: z
      .boolean()
      .optional()
      .describe(
        "Whether it looks past the port: Envoy's `ignore_port_in_host_matching` (Istio sets it); Traefik does. What `strip_any_host_port` strips is not in the check: leave it out there. Left out: a request with a port is denied where the rule depends on it.",
      ),
    ignoreTrailingDot: z
      .boolean()
      .optional()
      .describe(
        'The same for the final dot of a name: Traefik does. Leave it out for `strip_trailing_host_dot`, and in Istio.',
      ),
  })
  .prefault({})
  .describe('How the proxy that asks reads a Host. Case never counts.');

/** How the applications read a path. */
export const paths = z
  .strictObject({
    ignoreCase: z
      .boolean()
      .default(false)
      .describe('Set it where an application ignores case (Express, ASP.NET): rules then do so too.'),
    ignoreTrailingSlash: z
      .boolean()
      .default(true)
      .describe(
        'A rule for `/a` covers `/a/` too. Clear it where the proxy routes the two to different backends.',
      ),
  })
  .prefault({})
  .describe('How the applications and the routes of the proxy read a path.');
