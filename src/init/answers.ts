/** What a first configuration is made from. */
export interface FirstAnswers {
  readonly platform: Platform;
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Undefined: that of a mesh by default, and none without a mesh. */
  readonly trustDomain: string | undefined;
  /** The SPIFFE ID of the application's own proxy. Undefined: an example, which must be changed. */
  readonly workload: string | undefined;
}

/** The name that Istio gives to the trust domain of a cluster. */
export const usualTrustDomain = 'cluster.local';

/** The proxies that a first configuration can be for. */
export const platforms = ['istio', 'kyma', 'envoy', 'nginx'] as const;
export type Platform = (typeof platforms)[number];

export function isPlatform(name: string | undefined): name is Platform {
  return platforms.some((platform) => platform === name);
}

/** Whether each workload has a proxy, so that rules must say for which one they are. */
export function isMesh(platform: Platform): boolean {
  return platform === 'istio' || platform === 'kyma';
}
