import { z } from 'zod';
import { originalNames } from '../http/forward-auth.ts';
import * as field from './fields.ts';

/** The addresses to listen on. */
export const listen = z
  .strictObject({
    grpc: field.address
      .prefault('0.0.0.0:9001')
      .describe("Address for Envoy's gRPC checks and grpc.health.v1."),
    http: field.address
      .optional()
      .describe(
        "Address for Envoy's HTTP ext_authz (Kyma), nginx, Caddy and Traefik, such as `0.0.0.0:9002`. Default: closed.",
      ),
    admin: field.address
      .prefault('0.0.0.0:9003')
      .describe(
        'Address for /healthz, /readyz and /metrics over HTTP. On a loopback address, /readyz includes the text of each failure; on other addresses, only its name.',
      ),
  })
  .prefault({});

const tls = z
  .strictObject({
    certFile: field.text.describe('PEM file.'),
    keyFile: field.text.describe('PEM file.'),
    clientCaFile: field.text
      .optional()
      .describe(
        'PEM file of certificate authorities. Only clients with a certificate from one of them are served.',
      ),
  })
  .optional();

/** The gRPC door. */
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
    hostHeader: field.headerName
      .optional()
      .describe(
        'For `x-original-url`: the header with the host that the proxy routes by (nginx: `$host`). It is needed because the URL holds the Host that the client sent. Both must name the same host.',
      ),
    certificateHeader: field.headerName
      .optional()
      .describe(
        'The header with the client certificate: URL-encoded PEM (nginx), or the DER in base64 (Caddy, Traefik). The proxy must set or remove it on every request.',
      ),
  })
  .describe(
    'Checks of nginx auth_request, Caddy and Traefik. Headers of such a check hold the original request.',
  );

/** The HTTP door. */
export const http = z
  .strictObject({
    tls,
    pathPrefix: field.plainPath
      .optional()
      .describe(
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
        'How x-forwarded-client-cert is read on this port. `none`: it is not used. `direct`: the calling proxy wrote its last element; an element with Peerproof itself as `By` is refused. `{sidecar: …}`: a sidecar of Peerproof appended one more element.',
      ),
    spiffeId: field.spiffeId
      .optional()
      .describe(
        "The SPIFFE ID of Peerproof. With `xfcc: direct` it identifies an element that Peerproof's own sidecar appended. Peerproof also knows itself by the URIs in its own certificates, and by POD_NAMESPACE with POD_SERVICE_ACCOUNT from the environment.",
      ),
    forwardAuth: z.array(forwardAuth).default([]),
  })
  .prefault({});
