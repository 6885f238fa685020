import {
  allowNetwork,
  allowPrincipals,
  createConfigMap,
  createManifest,
  type ManifestChange,
} from './manifest.ts';
import type { Place, TextFile, Written } from './target.ts';

/** What runs Peerproof in a mesh, as the Kustomize overlay has it. */
export function createMeshManifests(
  overlay: 'istio' | 'kyma',
  { configuration, text }: Written,
  place: Place,
  changeDeployment: ManifestChange,
): readonly TextFile[] {
  const own = `overlays/${overlay}`;
  return [
    createManifest('kustomize/base/namespace.yaml', 'manifests/00-namespace.yaml'),
    createConfigMap(text),
    from('base', 'service-account'),
    from('base', 'pod-disruption-budget'),
    from(own, 'service'),
    from(own, 'peer-authentication'),
    from(own, 'deployment', changeDeployment),
    from(own, 'authorization-policy', allowPrincipals(place)),
    from(own, 'network-policy', allowNetwork(configuration, place)),
  ];
}

function from(folder: string, name: string, change?: ManifestChange): TextFile {
  return createManifest(`kustomize/${folder}/${name}.yaml`, `manifests/${name}.yaml`, change);
}
