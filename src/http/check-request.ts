import { Denial } from '../core/denial.ts';
import type { Evidence, PresentedRequest } from '../core/evidence.ts';
import { maxEncodedLength } from '../core/peer/certificate.ts';
import { parseXfcc } from '../core/peer/xfcc.ts';
import { Malformed } from '../lib/malformed.ts';
import { type OriginalName, readAllowLists, readOriginal } from './forward-auth.ts';
import { type OwnIdentity, refuseOwnSidecar, unknownSelf } from './own-sidecar.ts';
import { readSourceAddress } from './source-address.ts';
import type { HttpCheck } from './transport/server.ts';

/** How `x-forwarded-client-cert` reaches this door, see `http.xfcc`. */
export type ForwardedPeers = 'none' | 'direct' | { readonly sidecar: string };

/** A path where a proxy asks about a request that it describes in headers. */
export interface ForwardAuth {
  readonly path: string;
  /** Whether a proxy with this address may ask. */
  readonly trusts: (address: string) => boolean;
  readonly original: OriginalName;
  /**
   * The header with the host that the proxy routes by, if the convention holds the host that the client
   * names.
   */
  readonly hostHeader?: string | undefined;
  readonly certificateHeader?: string | undefined;
}

const forwardedPeers = 'x-forwarded-client-cert';

/**
 * Translates a check of Envoy's HTTP ext_authz into evidence. The check is the original request, under a path
 * prefix. Decides nothing. The body is **not** read, see `withBody`.
 * @param pathPrefix empty: no prefix; undefined: such checks are not served
 */
export function evidenceOfCheck(
  check: HttpCheck,
  pathPrefix: string | undefined,
  xfcc: ForwardedPeers,
  own: OwnIdentity = unknownSelf,
): Evidence {
  const { method, host, target, headers } = check;
  const path = pathPrefix === undefined ? undefined : withoutPrefix(target, pathPrefix);
  if (path === undefined)
    return flawed(
      check,
      new Denial(
        'request_malformed',
        `checks are not served at this path: http.pathPrefix is ${pathPrefix ?? 'not set'}`,
      ),
    );
  const forwarded = ownForwarded(check, xfcc, own);
  if (forwarded instanceof Denial) return flawed(check, forwarded);
  const request = { method, host, path, headers: withForwarded(headers, forwarded) };
  if (forwarded) return { ...evidenceOf(request), destination: forwardedDestination };
  return headers[forwardedPeers] ? { ...evidenceOf(request), peer: dropped(xfcc) } : evidenceOf(request);
}

/**
 * Translates a check of nginx, Caddy or Traefik into evidence. Their headers describe the original request,
 * so only the addresses of such proxies are trusted. Headers that could pass for a peer are removed.
 */
export function evidenceOfForwardAuth(check: HttpCheck, auth: ForwardAuth): Evidence {
  const { headers, target } = check;
  if (!auth.trusts(check.remoteAddress))
    return flawed(check, new Denial('proxy_not_allowed', `${check.remoteAddress} is not in proxies`));
  const sourceAddress = readSourceAddress(headers['x-forwarded-for']);
  const source = sourceAddress && { sourceAddress };
  const original = readOriginal(headers, auth.original, check.repeated, auth.hostHeader);
  if (original instanceof Denial) return { ...flawed(check, original), ...source };
  const allowLists = readAllowLists(target.slice(auth.path.length));
  if (allowLists instanceof Denial) return { ...flawed(check, allowLists), ...source };
  const certificate = certificateIn(auth.certificateHeader && headers[auth.certificateHeader]);
  const own = without(headers, [forwardedPeers, 'x-client-certificate', auth.certificateHeader ?? '']);
  return {
    ...evidenceOf({ ...original, headers: own, bodyless: neverSent }),
    peer: certificate ? { certificate } : auth.certificateHeader ? notSent : notConfigured,
    ...(allowLists && { allowLists }),
    ...source,
  };
}

/**
 * nginx and Envoy write URL-encoded PEM. Caddy and Traefik write the base64 of the DER, without `-` and `%`.
 */
function certificateIn(header: string | undefined): string | undefined {
  // A longer value is refused when the certificate is read. It costs nothing before that.
  if (!header || header.length > maxEncodedLength || !/^[A-Za-z0-9+/]+=*$/.test(header)) return header;
  const lines: string[] = [];
  for (let at = 0; at < header.length; at += 64) lines.push(header.slice(at, at + 64));
  return encodeURIComponent(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
}

/** Usually the header is as it was sent. Then the same object is returned, otherwise a copy. */
function withForwarded(headers: HttpCheck['headers'], forwarded: string | undefined): HttpCheck['headers'] {
  if (forwarded && headers[forwardedPeers] === forwarded) return headers;
  const rest = without(headers, [forwardedPeers]);
  return forwarded ? Object.assign(Object.create(null), rest, { [forwardedPeers]: forwarded }) : rest;
}

/** Usually none of these headers is present. Then the same object is returned, otherwise a copy. */
function without(headers: HttpCheck['headers'], names: readonly string[]): HttpCheck['headers'] {
  if (!names.some((name) => name in headers)) return headers;
  const rest: Record<string, string> = Object.assign(Object.create(null), headers);
  for (const name of names) delete rest[name];
  return rest;
}

/** Why a check of these proxies never has a body. */
const neverSent = 'nginx, Caddy and Traefik ask without the body: let Envoy ask before a token endpoint';

/** Why a check has no peer, although one may have been sent. */
const notRead = { missing: 'x-forwarded-client-cert came, and http.xfcc is none' };
const ownAlone = { missing: 'x-forwarded-client-cert held only the element of our own sidecar' };
const notSent = { missing: 'the proxy did not send a certificate in the header of certificateHeader' };
const notConfigured = { missing: 'certificateHeader is not set for this path of http.forwardAuth' };

function dropped(xfcc: ForwardedPeers): Evidence['peer'] {
  return xfcc === 'none' ? notRead : ownAlone;
}

const nothing: Readonly<Record<string, never>> = {};
const unknownDestination = { principal: '', port: 0 };
const forwardedDestination = { ...unknownDestination, forwarded: true };

function evidenceOf(request: PresentedRequest): Evidence {
  return { request, peer: nothing, destination: unknownDestination, context: nothing };
}

/** Evidence for a check that cannot be read. The log still shows what arrived. */
function flawed({ method, host, target, headers }: HttpCheck, flaw: Denial): Evidence {
  return { ...evidenceOf({ method, host, path: target, headers }), flaw };
}

/** Envoy joins prefix and path unchanged, so the part behind the prefix is a path by itself. */
function withoutPrefix(target: string, prefix: string): string | undefined {
  if (prefix === '') return target;
  return target.startsWith(`${prefix}/`) ? target.slice(prefix.length) : undefined;
}

/** The header as the asking proxy sent it, without the element of our own sidecar about that proxy. */
function ownForwarded(
  { headers, remoteAddress }: HttpCheck,
  xfcc: ForwardedPeers,
  own: OwnIdentity,
): string | undefined | Denial {
  const header = headers[forwardedPeers];
  if (!header || xfcc === 'none') return undefined;
  if (xfcc === 'direct') return refuseOwnSidecar(header, remoteAddress, own) ?? header;
  const elements = parseXfcc(header);
  if (elements instanceof Malformed) return new Denial('peer_forwarded_malformed', elements.why);
  // Otherwise a caller that bypasses the sidecar could present its own element as that of the proxy.
  const by = elements.at(-1)?.by;
  if (by?.length !== 1 || by[0] !== xfcc.sidecar)
    return new Denial('peer_forwarded_ambiguous', `the last element is not by ${xfcc.sidecar}`);
  return elements
    .slice(0, -1)
    .map(({ raw }) => raw)
    .join(',');
}
