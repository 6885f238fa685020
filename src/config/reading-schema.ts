import { z } from 'zod';

/** How the calling proxy reads a Host, for `serve` and for `inject`. */
export const hosts = z
  .strictObject({
    ignorePort: z
      .boolean()
      .optional()
      .describe(
        'Whether the proxy ignores the port when it routes. True for Envoy with `ignore_port_in_host_matching` (Istio sets it) and for Traefik. Do not set it for `strip_any_host_port`: the check does not hold the port then. Default: a request with a port is denied if the matching rule depends on the port.',
      ),
    ignoreTrailingDot: z
      .boolean()
      .optional()
      .describe(
        'Whether the proxy ignores the final dot of a name. True for Traefik. Do not set it for `strip_trailing_host_dot`, or in Istio.',
      ),
  })
  .prefault({})
  .describe('How the calling proxy reads a Host. Case is always ignored.');

/** How the applications read a path. */
export const paths = z
  .strictObject({
    ignoreCase: z
      .boolean()
      .default(false)
      .describe('Rules ignore case. Set it if an application ignores case (Express, ASP.NET).'),
    ignoreTrailingSlash: z
      .boolean()
      .default(true)
      .describe(
        'A rule for `/a` also covers `/a/`. Set it to false if the proxy routes the two to different backends.',
      ),
  })
  .prefault({})
  .describe('How the applications and the routes of the proxy read a path.');
