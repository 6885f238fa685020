import { top } from '../docs/pages.ts';

/** The Kustomize overlays: one for each flavour of the chart. */
export const overlays = ['istio', 'ambient', 'kyma', 'envoy-gateway', 'plain'] as const;
export type Overlay = (typeof overlays)[number];

/** Rights that every overlay can have: the name of the Kustomize component, and the values of the chart that grant it. */
export const components: Readonly<Record<string, object>> = {
  'token-review': { tokenReview: true },
  'authorization-rules': { authorizationRules: { enabled: true } },
};

/** The values that an overlay is made of. */
export function valuesOf(overlay: Overlay): URL {
  return new URL(`charts/peerproof/ci/${overlay}-values.yaml`, top);
}
