import * as z from 'zod';
import { originalNames } from '../http/forward-auth.ts';
import * as field from './fields.ts';

export const listen = z
  .strictObject({
    grpc: field.address
      .prefault('0.0.0.0:9001')
      .describe("Address for Envoy's gRPC checks and grpc.health.v1."),
    http: field.optional(
      field.address,
      "Address for Envoy's HTTP ext_authz (Kyma), nginx, Caddy and Traefik, such as `0.0.0.0:9002`. Default: closed.",
    ),
    events: field.optional(
      field.address,
      'Address where the transmitters of `revocation` push security events over HTTP (RFC 8935), such as `0.0.0.0:9006`. The path is `/` with the name of the transmitter. Default: closed.',
    ),
    keys: field.optional(
      field.address,
      'Address for the public keys of `identity.token` over HTTP, at /.well-known/jwks.json, such as `0.0.0.0:9005`. It shows nothing else, so every application may reach it. Default: closed.',
    ),
    admin: field.address
      .prefault('0.0.0.0:9003')
      .describe(
        'Address for /healthz, /readyz, /metrics and /console over HTTP. On a loopback address, /readyz includes the text of each failure, and the console is open to this machine. On other addresses, /readyz has only names, and the console needs `console.passwordFile`.',
      ),
    metadata: field.optional(
      field.address,
      'Address for the documents of `resourceMetadata` over HTTP, such as `0.0.0.0:9004`, for proxies that do not ask over gRPC. Default: closed.',
    ),
  })
  .prefault({});

export const tls = z
  .strictObject({
    certFile: field.text.describe('PEM file.'),
    keyFile: field.text.describe('PEM file.'),
    clientCaFile: field.optional(
      field.text,
      'PEM file of certificate authorities. Only clients with a certificate from one of them are served.',
    ),
  })
  .optional();

export const grpc = z
  .strictObject({
    tls,
    maxMessageBytes: z
      .int()
      .min(1_048_576, 'must be at least 1048576: a check can hold the body of a request')
      .default(4_194_304)
      .describe('A larger check is refused (`check_too_large`) before it is decoded.'),
    maxConcurrentStreams: z
      .int()
      .min(100)
      .default(4096)
      .describe('Checks at the same time on one connection.'),
  })
  .prefault({});

const forwardAuth = z
  .strictObject({
    path: field.plainPath.describe('The path that the proxy calls, such as `/oauth2/auth`.'),
    proxies: z
      .array(field.network)
      .min(
        1,
        'must hold at least one address: a client that may call this path can claim any original request',
      )
      .describe('Addresses or networks (CIDR) of the proxies that may call this path.'),
    original: z
      .enum(originalNames)
      .describe(
        'The headers that hold the original request. The proxy must set each of them. `x-original`: X-Original-Method, -URI and -Host (nginx: `$host`, never `$http_host`). `x-original-url`: X-Original-Method and -URL (ingress-nginx); it also needs `hostHeader`. `x-forwarded`: X-Forwarded-Method, -Uri and -Host (Caddy, Traefik).',
      ),
    hostHeader: field.optional(
      field.headerName,
      'For `x-original-url`: the header with the host that the proxy routes by (nginx: `$host`). It is needed because the URL holds the Host that the client sent. Both must name the same host.',
    ),
    certificateHeader: field.optional(
      field.headerName,
      'The header with the client certificate: URL-encoded PEM (nginx), or the DER in base64 (Caddy, Traefik). The proxy must set or remove it on every request.',
    ),
  })
  .describe(
    'Checks of nginx auth_request, Caddy and Traefik. Headers of such a check hold the original request.',
  );

export const http = z
  .strictObject({
    tls,
    pathPrefix: field.optional(
      field.plainPath,
      'The prefix that the proxy adds to the original path (`pathPrefix` in Istio), such as `/check`.',
    ),
    xfcc: z
      .union([
        z.enum(['none', 'direct']),
        z.strictObject({
          sidecar: field.spiffeId.describe(
            "SPIFFE ID of Peerproof's own sidecar. The last element must have it as `By`, and is then dropped.",
          ),
        }),
      ])
      .default('none')
      .describe(
        'How x-forwarded-client-cert is read on this port. `none`, the default: it is not used. `direct`: the calling proxy wrote its last element; an element with Peerproof itself as `By` is refused. `{sidecar: …}`: a sidecar of Peerproof appended one more element.',
      ),
    spiffeId: field.optional(
      field.spiffeId,
      "The SPIFFE ID of Peerproof. With `xfcc: direct` it identifies an element that Peerproof's own sidecar appended. Peerproof also knows itself by the URIs in its own certificates, and by POD_NAMESPACE with POD_SERVICE_ACCOUNT from the environment.",
    ),
    forwardAuth: z.array(forwardAuth).default([]),
  })
  .prefault({});

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
    ignoreCase: field.flag('Rules ignore case. Set it if an application ignores case (Express, ASP.NET).'),
    ignoreTrailingSlash: z
      .boolean()
      .default(true)
      .describe(
        'A rule for `/a` also covers `/a/`. Set it to false if the proxy routes the two to different backends.',
      ),
  })
  .prefault({})
  .describe('How the applications and the routes of the proxy read a path.');
