import { parseJws } from '../core/token/jws.ts';
import { recordOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Files } from '../sources/fingerprint.ts';

/**
 * Where a pod finds its ServiceAccount:
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/.
 */
const mount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How a cluster is reached. `ca` and `tokenFile` are paths; the kubelet rotates the token. */
export interface Cluster {
  readonly apiServer: string;
  readonly ca: string | undefined;
  readonly tokenFile: string;
}

interface ClusterSettings {
  readonly issuer?: unknown;
  readonly ca?: unknown;
  readonly kubernetes?: unknown;
}

/**
 * The cluster of an issuer with `kubernetes`: the configured one, else the cluster that this pod runs in.
 * Undefined if neither exists. With `verify: jwks`, an issuer URL and no `apiServer`, the keys come from the
 * issuer URL instead. The request for them has the token only if `tokenFile` is set. See `asksIssuer`.
 */
export function findCluster(settings: ClusterSettings, env = process.env): Cluster | undefined {
  const { apiServer, tokenFile } = recordOf(settings.kubernetes);
  const ca = typeof settings.ca === 'string' ? settings.ca : undefined;
  const token = typeof tokenFile === 'string' ? tokenFile : `${mount}/token`;
  if (typeof apiServer === 'string') return { apiServer, ca, tokenFile: token };
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (!host) return undefined;
  const name = host.includes(':') ? `[${host}]` : host;
  return { apiServer: `https://${name}:${port}`, ca: ca ?? `${mount}/ca.crt`, tokenFile: token };
}

/** Whether keys come from the issuer's own URL, as for a managed cluster whose discovery is public. */
export function asksIssuer(settings: ClusterSettings): boolean {
  const { verify, apiServer } = recordOf(settings.kubernetes);
  return verify === 'jwks' && apiServer === undefined && typeof settings.issuer === 'string';
}

/**
 * The `iss` of an issuer's tokens. If it is not configured, it is read from the token of this pod, which the
 * cluster issued. The signature of that token is **not** verified: it is a file of this pod.
 */
export function expectedIss(settings: ClusterSettings, files: Files): string | undefined {
  if (typeof settings.issuer === 'string') return settings.issuer;
  const token = files.get(findCluster(settings)?.tokenFile ?? '');
  const jws = settings.kubernetes && token ? parseJws(token.trim()) : undefined;
  const iss = jws && !(jws instanceof Malformed) ? jws.payload.iss : undefined;
  return typeof iss === 'string' ? iss : undefined;
}
