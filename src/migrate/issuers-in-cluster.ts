import type { IssuerInput } from './migrated-issuers.ts';

/** Where an issuer of the cluster is reached. */
interface IssuerInCluster {
  readonly namespace: string;
  readonly port: number;
}

/**
 * The issuers whose keys come from a Service of the cluster, without duplicates. The port is that of the
 * Service. A NetworkPolicy means the port of the pod, which may differ.
 */
export function issuersInCluster(issuers: readonly IssuerInput[]): readonly IssuerInCluster[] {
  const found = issuers.flatMap(({ issuer, jwksUri }) => {
    const url = jwksUri ?? issuer ?? '';
    if (!URL.canParse(url)) return [];
    const { hostname, port, protocol } = new URL(url);
    const [, namespace] = /^[a-z0-9-]+\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?$/.exec(hostname) ?? [];
    if (namespace === undefined) return [];
    const known = port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port);
    return [{ namespace, port: known }];
  });
  return [...new Map(found.map((one) => [`${one.namespace}:${one.port}`, one])).values()];
}
