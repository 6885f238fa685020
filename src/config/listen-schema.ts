import { z } from 'zod';
import { originalNames } from '../http/forward-auth.ts';
import * as field from './fields.ts';

/** The addresses of the doors. */
export const listen = z
  .strictObject({
    grpc: field.address.prefault('0.0.0.0:9001').describe("Envoy's gRPC checks and grpc.health.v1."),
    http: field.address
      .optional()
      .describe(
        "Envoy's HTTP ext_authz (Kyma), nginx, Caddy and Traefik, such as `0.0.0.0:9002`. Closed without it.",
      ),
    admin: field.address
      .prefault('0.0.0.0:9003')
      .describe(
        '/healthz, /readyz and /metrics, over HTTP. On a loopback address /readyz also says the text of each failure, elsewhere its name alone.',
      ),
  })
  .prefault({});

const tls = z
  .strictObject({
    certFile: field.text.describe('PEM file.'),
    keyFile: field.text.describe('PEM file.'),
    clientCaFile: field.text
      .optional()
      .describe('PEM file: only clients with a certificate of it are served.'),
  })
  .optional();

/** The gRPC door. */
export const grpc = z
  .strictObject({
    tls,
    maxMessageBytes: z
      .int()
      .min(1_048_576, 'must be at least 1048576: a check with the body of a request would often be too large')
      .default(4_194_304)
      .describe('A larger check is refused (`check_too_large`) without being read.'),
    maxConcurrentStreams: z.int().min(100).default(4096).describe('For one connection.'),
  })
  .prefault({});

const forwardAuth = z
  .strictObject({
    path: field.plainPath.describe(
      'Where the proxy asks, such as `/oauth2/auth`; everything else there is no check.',
    ),
    proxies: z
      .array(field.network)
      .min(1, 'must hold at least one address: whoever may ask here says what was asked')
      .describe('Addresses or networks (CIDR) of the proxies that may.'),
    original: z
      .enum(originalNames)
      .describe(
        'Which headers hold the original request; the proxy must set each: `x-original` X-Original-Method, -URI and -Host (nginx: `$host`, never `$http_host`); `x-original-url` X-Original-Method and -URL (ingress-nginx), with `hostHeader`; `x-forwarded` X-Forwarded-Method, -Uri and -Host (Caddy, Traefik).',
      ),
    hostHeader: field.headerName
      .optional()
      .describe(
        'For `x-original-url`: header with the host that the proxy routes by (nginx: `$host`), because the URL holds whatever Host the client sent. Both must name the same host.',
      ),
    certificateHeader: field.headerName
      .optional()
      .describe(
        'Header with the client certificate, which the proxy sets or removes each time: URL-encoded PEM (nginx), or the base64 of the DER (Caddy, Traefik).',
      ),
  })
  .describe('Checks of nginx auth_request, Caddy and Traefik, in which headers hold the original request.');

/** The HTTP door. */
export const http = z
  .strictObject({
    tls,
    pathPrefix: field.plainPath
      .optional()
      .describe('What the proxy puts before the original path (`pathPrefix` in Istio), such as `/check`.'),
    xfcc: z
      .union([
        z.enum(['none', 'direct']),
        z.strictObject({
          sidecar: field.spiffeId.describe(
            "Of Peerproof's own sidecar: the last element must be `By` it, and is dropped.",
          ),
        }),
      ])
      .default('none')
      .describe(
        '`none`: x-forwarded-client-cert is not believed here. `direct`: it arrives as the asking proxy wrote it, and an element `By` Peerproof itself is refused. `{sidecar: …}`: an own sidecar appended one more element.',
      ),
    spiffeId: field.spiffeId
      .optional()
      .describe(
        "Of Peerproof itself, where it has one: with `xfcc: direct`, an element that its own sidecar appended is known by it. Without it, by the URI in its own certificate, or by the pod's POD_NAMESPACE and POD_SERVICE_ACCOUNT.",
      ),
    forwardAuth: z.array(forwardAuth).default([]),
  })
  .prefault({});
