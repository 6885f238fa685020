import { X509Certificate } from 'node:crypto';
import { parseSpiffeId } from '../core/peer/spiffe-id.ts';
import type { OwnIdentity } from '../http/own-sidecar.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Config } from './schema.ts';

/**
 * What this service can know of its own SPIFFE ID: the setting, the certificates that it serves with, and its pod by the
 * downward API. It is not learned from checks: a client that forges `By` could then teach it a wrong one.
 */
export function ownIdentityOf(
  config: Config,
  files: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv = process.env,
): OwnIdentity {
  const { spiffeId } = config.http;
  const served = [config.grpc.tls, config.http.tls].flatMap((tls) => idsIn(files.get(tls?.certFile ?? '')));
  const { POD_NAMESPACE: namespace, POD_SERVICE_ACCOUNT: serviceAccount } = env;
  return {
    ids: [...(spiffeId === undefined ? [] : [spiffeId]), ...served],
    workload: namespace && serviceAccount ? `/ns/${namespace}/sa/${serviceAccount}` : undefined,
  };
}

/** Said at load where nothing is known, because a sidecar is then only noticed by the address that Istio gives it. */
export function unknownToItself({ ids, workload }: OwnIdentity): boolean {
  return ids.length === 0 && workload === undefined;
}

/** The SPIFFE IDs of a certificate. One that cannot be read is a finding elsewhere. */
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
