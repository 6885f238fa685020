import { X509Certificate } from 'node:crypto';
import { parseSpiffeId } from '../core/peer/spiffe-id.ts';
import type { OwnIdentity } from '../http/own-sidecar.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Files } from '../sources/fingerprint.ts';
import type { Config } from './schema.ts';

/**
 * The SPIFFE IDs of this service: from the setting, from its own certificates, and from its pod through the
 * downward API. They are **not** learned from checks, because a client that forges `By` could then supply a
 * wrong one.
 */
export function findOwnIdentity(config: Config, files: Files, env = process.env): OwnIdentity {
  const { spiffeId } = config.http;
  const served = [config.grpc.tls, config.http.tls].flatMap((tls) => idsIn(files.get(tls?.certFile ?? '')));
  const { POD_NAMESPACE: namespace, POD_SERVICE_ACCOUNT: serviceAccount } = env;
  return {
    ids: [...(spiffeId === undefined ? [] : [spiffeId]), ...served],
    workload: namespace && serviceAccount ? `/ns/${namespace}/sa/${serviceAccount}` : undefined,
  };
}

/**
 * Whether no ID is known. Then a sidecar is noticed only by the address that Istio gives it, and loading
 * warns.
 */
export function unknownToItself({ ids, workload }: OwnIdentity): boolean {
  return ids.length === 0 && workload === undefined;
}

/** The SPIFFE IDs of a certificate. An unreadable certificate is reported elsewhere. */
function idsIn(pem: string | undefined): readonly string[] {
  if (pem === undefined) return [];
  try {
    const names = new X509Certificate(pem).subjectAltName?.split(', ') ?? [];
    return names
      .map((name) => name.replace(/^URI:/, ''))
      .filter((name) => !(parseSpiffeId(name) instanceof Malformed));
  } catch {
    return [];
  }
}
