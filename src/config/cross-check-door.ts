import { presets } from '../core/identity/presets.ts';
import { type JsonObject, listOf, recordOf, textOf } from '../lib/json.ts';
import type { Warn } from './weakness.ts';

type Say = (path: readonly PropertyKey[], message: string) => void;

/**
 * Headers that carry the request itself. Setting or removing one would change the request, not describe its
 * sender.
 */
const notManaged =
  /^(?:authorization|host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|proxy-.*|expect|cookie|set-cookie|cache-control|x-envoy-.*)$/;

/** Headers in which proxies describe a request. Traefik gives the certificate the name that is left out. */
const describesRequest = /^x-(?:original|forwarded)-(?!tls-client-cert$)/;

/** Checks settings of the HTTP door and of identity headers. The document may have any shape. */
export function crossCheckDoor(root: JsonObject, say: Say, warn: Warn): void {
  const http = recordOf(root.http);
  if (Object.keys(http).length > 0 && recordOf(root.listen).http === undefined)
    say(['http'], 'has no effect without listen.http: set it, such as 0.0.0.0:9002, or remove http');
  const paths = new Set<unknown>();
  for (const [index, value] of listOf(http.forwardAuth).entries()) {
    const entry = recordOf(value);
    const { path, proxies } = entry;
    const certificateHeader = textOf(entry.certificateHeader);
    const at = ['http', 'forwardAuth', index];
    checkHost(entry, (key, message) => say([...at, key], message));
    if (paths.has(path)) say([...at, 'path'], 'is the path of another entry too: each path must be unique');
    paths.add(path);
    if (
      typeof path === 'string' &&
      http.pathPrefix !== undefined &&
      `${path}/`.startsWith(`${textOf(http.pathPrefix)}/`)
    )
      say([...at, 'path'], 'must not be below http.pathPrefix: a check of Envoy could have this path');
    if (notManaged.test(certificateHeader) || describesRequest.test(certificateHeader))
      say(
        [...at, 'certificateHeader'],
        'is a header of the request itself: choose another one, such as x-client-certificate',
      );
    for (const network of listOf(proxies))
      if (/\/0$/.test(textOf(network)))
        warn('every-proxy', [...at, 'proxies'], `${network} lets every client claim any original request`);
  }
  checkHeaders(recordOf(root.identity), say);
}

/**
 * The URL of `x-original-url` holds the Host header of the client, even if nginx routes by the host of an
 * absolute request line. A header that clients or other proxies write does not help either.
 */
function checkHost({ original, hostHeader }: JsonObject, say: (key: string, message: string) => void): void {
  if (original === 'x-original-url' && hostHeader === undefined)
    say(
      'original',
      'x-original-url needs hostHeader: ingress-nginx builds the URL from $http_host, which the client chooses, but routes by $host. Let it send X-Original-Host "$host" (annotation auth-proxy-set-headers: a ConfigMap with that line), and set hostHeader: x-original-host',
    );
  if (hostHeader === undefined) return;
  if (original !== 'x-original-url')
    say(
      'hostHeader',
      'is only for x-original-url: remove it, because the other values of original have their own header for the host',
    );
  if (
    notManaged.test(textOf(hostHeader)) ||
    /^x-(?:forwarded-.*|real-ip|original-(?:url|uri|method)|client-certificate)$/.test(textOf(hostHeader))
  )
    say('hostHeader', 'has another purpose, or clients can write it: use x-original-host');
}

function checkHeaders(identity: JsonObject, say: Say): void {
  const preset = identity.preset === 'oauth2-proxy' ? presets['oauth2-proxy'] : presets.standard;
  for (const [name, value] of Object.entries(recordOf(identity.headers))) {
    const path = ['identity', 'headers', name];
    if (/^x-(?:forwarded-client-cert|client-certificate)$/.test(name) && value !== false)
      say(
        path,
        'is reserved for certificates and cannot hold a claim: choose another header, or set it to false',
      );
    if (notManaged.test(name))
      say(
        path,
        'is a header of the request itself and cannot be an identity header: choose another one, such as x-user',
      );
    const { from } = recordOf(value);
    if (typeof from === 'string' && !Object.hasOwn(preset, from))
      say([...path, 'from'], `is not an identity header; must be one of ${Object.keys(preset).join(', ')}`);
  }
}
