import type { CheckedConfig } from '../config/load.ts';
import { findOwnIdentity } from '../config/own-identity.ts';
import type { Evidence } from '../core/evidence.ts';
import { withBody } from '../http/body.ts';
import { evidenceOfCheck } from '../http/check-request.ts';

/** What the log does not tell of a check over HTTP. */
export interface HttpSurroundings {
  /** The workload that the proxy stands beside, which only `By` names over HTTP. */
  readonly destination: string | undefined;
  /** The sidecar of Peerproof that appended an element about the proxy. */
  readonly sidecar: string | undefined;
}

/** Where Istio's sidecars connect from. */
const sidecarAddress = '127.0.0.6';
const forwarded = 'x-forwarded-client-cert';

/** The evidence that the HTTP door makes of a made-up request whose peer stands in XFCC. */
export function throughHttpDoor(
  evidence: Evidence,
  { config, files }: CheckedConfig,
  { destination, sidecar }: HttpSurroundings,
): Evidence {
  const { request } = evidence;
  if (!request) return evidence;
  const { method, host, path, body } = request;
  const { pathPrefix = '', xfcc } = config.http;
  const element = request.headers[forwarded];
  const by = typeof xfcc === 'object' ? xfcc.sidecar : sidecar;
  const elements = [
    ...(element === undefined ? [] : [`${destination ? `By=${destination};` : ''}${element}`]),
    ...(by === undefined ? [] : [`By=${by};Hash=${'0'.repeat(64)};URI=spiffe://proxy.invalid/proxy`]),
  ];
  const check = {
    ...{ method, host, target: pathPrefix + path },
    headers: {
      ...request.headers,
      ...(elements.length > 0 && { [forwarded]: elements.join(',') }),
      // The proxy is assumed to send the whole body, and to say so.
      ...(body !== undefined && { 'x-envoy-auth-partial-body': 'false' }),
    },
    repeated: new Set<string>(),
    remoteAddress: by === undefined ? '127.0.0.1' : sidecarAddress,
  };
  const made = evidenceOfCheck(check, pathPrefix, xfcc, findOwnIdentity(config, files));
  return body === undefined ? made : withBody(made, body);
}
