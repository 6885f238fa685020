import { Denial } from '../core/denial.ts';
import type { Evidence, PresentedRequest } from '../core/evidence.ts';
import { maxEncodedLength } from '../core/peer/certificate.ts';
import { parseXfcc } from '../core/peer/xfcc.ts';
import { Malformed } from '../lib/malformed.ts';
import { type OriginalName, readAllowLists, readOriginal } from './forward-auth.ts';
import { type OwnIdentity, refuseOwnSidecar, unknownSelf } from './own-sidecar.ts';
import type { HttpCheck } from './transport/server.ts';

/** How `x-forwarded-client-cert` reaches this door, see `http.xfcc`. */
export type ForwardedPeers = 'none' | 'direct' | { readonly sidecar: string };

/** A path where a proxy asks about a request that it describes in headers. */
export interface ForwardAuth {
  readonly path: string;
  /** Whether the address is that of a proxy that may. */
  readonly trusts: (address: string) => boolean;
  readonly original: OriginalName;
  /** Header in which the proxy says what it routes by, where the convention holds what the client says. */
  readonly hostHeader?: string | undefined;
  readonly certificateHeader?: string | undefined;
}

const forwardedPeers = 'x-forwarded-client-cert';

/**
 * Translates a check of Envoy's HTTP ext_authz into evidence: the request itself is the original one, under a prefix.
 * Decides nothing. Bodies are not looked at.
 * @param pathPrefix empty: none; undefined: no such checks are served.
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
        `no check is served here: http.pathPrefix is ${pathPrefix ?? 'not set'}`,
      ),
    );
  const forwarded = ownForwarded(check, xfcc, own);
  if (forwarded instanceof Denial) return flawed(check, forwarded);
  const rest = without(headers, [forwardedPeers]);
  if (!forwarded) return evidenceOf({ method, host, path, headers: rest });
  const proven = Object.assign(Object.create(null), rest, { [forwardedPeers]: forwarded });
  const evidence = evidenceOf({ method, host, path, headers: proven });
  return { ...evidence, destination: { ...evidence.destination, forwarded: true } };
}

/**
 * Translates a check of nginx, Caddy or Traefik into evidence: the original request is what their headers say. These
 * are the word of the proxy, so they count from its address alone; what could pass for a peer does not come through.
 */
export function evidenceOfForwardAuth(check: HttpCheck, auth: ForwardAuth): Evidence {
  const { headers, target } = check;
  if (!auth.trusts(check.remoteAddress))
    return flawed(check, new Denial('proxy_not_allowed', `${check.remoteAddress} is not in proxies`));
  const original = readOriginal(headers, auth.original, check.repeated, auth.hostHeader);
  if (original instanceof Denial) return flawed(check, original);
  const allowLists = readAllowLists(target.slice(auth.path.length));
  if (allowLists instanceof Denial) return flawed(check, allowLists);
  const certificate = certificateIn(auth.certificateHeader && headers[auth.certificateHeader]);
  const own = without(headers, [forwardedPeers, 'x-client-certificate', auth.certificateHeader ?? '']);
  return {
    ...evidenceOf({ ...original, headers: own }),
    ...(certificate && { peer: { certificate } }),
    ...(allowLists && { allowLists }),
  };
}

/** nginx writes URL-encoded PEM, as Envoy does; Caddy and Traefik the base64 of the DER, in which neither `-` nor `%` stands. */
function certificateIn(header: string | undefined): string | undefined {
  // What is longer is refused by whoever reads it, and is no work for anybody before.
  if (!header || header.length > maxEncodedLength || !/^[A-Za-z0-9+/]+=*$/.test(header)) return header;
  const lines: string[] = [];
  for (let at = 0; at < header.length; at += 64) lines.push(header.slice(at, at + 64));
  return encodeURIComponent(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
}

/** The same headers where none of these is among them, which is usual: else a copy. */
function without(headers: HttpCheck['headers'], names: readonly string[]): HttpCheck['headers'] {
  if (!names.some((name) => name in headers)) return headers;
  const rest: Record<string, string> = Object.assign(Object.create(null), headers);
  for (const name of names) delete rest[name];
  return rest;
}

function evidenceOf(request: PresentedRequest): Evidence {
  return { request, peer: {}, destination: { principal: '', port: 0 }, context: {} };
}

/** What was asked cannot be said; the log still shows what came. */
function flawed({ method, host, target, headers }: HttpCheck, flaw: Denial): Evidence {
  return { ...evidenceOf({ method, host, path: target, headers }), flaw };
}

/** Envoy puts prefix and path together as they are, so what follows the prefix is a path of its own. */
function withoutPrefix(target: string, prefix: string): string | undefined {
  if (prefix === '') return target;
  return target.startsWith(`${prefix}/`) ? target.slice(prefix.length) : undefined;
}

/** The header as the asking proxy sent it: without the element that our own sidecar appended about that proxy. */
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
  // Without this a caller that reaches us past the sidecar could have its own element taken for the proxy's.
  const by = elements.at(-1)?.by;
  if (by?.length !== 1 || by[0] !== xfcc.sidecar)
    return new Denial('peer_forwarded_ambiguous', `the last element is not by ${xfcc.sidecar}`);
  return elements
    .slice(0, -1)
    .map(({ raw }) => raw)
    .join(',');
}
