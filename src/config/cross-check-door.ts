import { presets } from '../core/identity/presets.ts';
import { recordOf, textOf } from '../lib/json.ts';

type Say = (path: readonly PropertyKey[], message: string) => void;

/** Headers that carry a request: whoever sets or removes them changes what is asked, not who asks. */
const notManaged =
  /^(?:authorization|host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|proxy-.*|expect|cookie|set-cookie|cache-control|x-envoy-.*)$/;

/** What the HTTP door and the identity headers say of each other. Believes nothing about the shape of the document. */
export function crossCheckDoor(
  root: Readonly<Record<string, unknown>>,
  say: Say,
  warn: (message: string) => void,
): void {
  const http = recordOf(root.http);
  if (Object.keys(http).length > 0 && recordOf(root.listen).http === undefined)
    say(['http'], 'is for the HTTP door, which listen.http opens');
  const paths = new Set<unknown>();
  for (const [index, value] of (Array.isArray(http.forwardAuth) ? http.forwardAuth : []).entries()) {
    const { path, proxies, original, hostHeader, certificateHeader } = recordOf(value);
    const at = ['http', 'forwardAuth', index];
    checkHost(original, hostHeader, (key, message) => say([...at, key], message));
    if (paths.has(path)) say([...at, 'path'], 'stands twice');
    paths.add(path);
    if (
      typeof path === 'string' &&
      http.pathPrefix !== undefined &&
      `${path}/`.startsWith(`${textOf(http.pathPrefix)}/`)
    )
      say([...at, 'path'], 'lies under http.pathPrefix: a check of Envoy could ask there');
    if (
      notManaged.test(textOf(certificateHeader)) ||
      /^x-(?:original|forwarded)-/.test(textOf(certificateHeader))
    )
      say([...at, 'certificateHeader'], 'carries the request itself and cannot hold a certificate');
    for (const network of Array.isArray(proxies) ? proxies : [])
      if (/\/0$/.test(textOf(network)))
        warn(`http.forwardAuth[${index}].proxies: ${network} lets everybody say what was asked`);
  }
  checkHeaders(recordOf(root.identity), say);
}

/**
 * The URL of `x-original-url` holds the Host that the client sent, also where nginx routes by the host of an absolute
 * request line. A header that clients or other proxies write would be no better.
 */
function checkHost(
  original: unknown,
  hostHeader: unknown,
  say: (key: string, message: string) => void,
): void {
  if (original === 'x-original-url' && hostHeader === undefined)
    say(
      'original',
      'x-original-url needs hostHeader: ingress-nginx makes the URL of $http_host, which the client chooses, and routes by $host; let it send X-Original-Host "$host" (annotation auth-proxy-set-headers: a ConfigMap with that line), and write hostHeader: x-original-host',
    );
  if (hostHeader === undefined) return;
  if (original !== 'x-original-url')
    say('hostHeader', 'is for x-original-url: the other conventions have a header for the host');
  if (
    notManaged.test(textOf(hostHeader)) ||
    /^x-(?:forwarded-.*|real-ip|original-(?:url|uri|method)|client-certificate)$/.test(textOf(hostHeader))
  )
    say('hostHeader', 'is written by clients or for something else: take x-original-host');
}

function checkHeaders(identity: Readonly<Record<string, unknown>>, say: Say): void {
  const preset = identity.preset === 'oauth2-proxy' ? presets['oauth2-proxy'] : presets.standard;
  for (const [name, value] of Object.entries(recordOf(identity.headers))) {
    const path = ['identity', 'headers', name];
    if (/^x-(?:forwarded-client-cert|client-certificate)$/.test(name) && value !== false)
      say(path, 'is about certificates, and cannot hold a claim');
    if (notManaged.test(name)) say(path, 'carries the request itself and cannot be an identity header');
    const { from } = recordOf(value);
    if (typeof from === 'string' && !Object.hasOwn(preset, from))
      say([...path, 'from'], `is no identity header; there are: ${Object.keys(preset).join(', ')}`);
  }
}
