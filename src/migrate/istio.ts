import { allowNamespaces, allowPrincipals, createConfigMap, createManifest, useImage } from './manifest.ts';
import { inMesh, meshComments, tightenInMesh } from './mesh.ts';
import { commands, lookAtAnswers, writeReadme } from './mesh-readme.ts';
import type { Place, Target, TextFile } from './target.ts';

/** Sidecars ask over gRPC. The mesh configuration registers the provider, and a policy names it. */
export const istio: Target = {
  door: { listen: { grpc: '0.0.0.0:9001', admin: '0.0.0.0:9003' } },
  envoy: true,
  tighten: tightenInMesh,
  comments: meshComments,
  adapt: (configuration, place) => inMesh(configuration, ['attribute', 'xfcc', 'principal'], place),
  files: (configuration, place) => [
    createManifest('istio/namespace.yaml', 'manifests/00-namespace.yaml'),
    createConfigMap(configuration),
    ...['service-account', 'service', 'pod-disruption-budget', 'peer-authentication'].map((name) =>
      createManifest(`istio/${name}.yaml`, `manifests/${name}.yaml`),
    ),
    createManifest('istio/deployment.yaml', 'manifests/deployment.yaml', useImage(place)),
    createManifest(
      'istio/authorization-policy.yaml',
      'manifests/authorization-policy.yaml',
      allowPrincipals(place),
    ),
    createManifest('istio/network-policy.yaml', 'manifests/network-policy.yaml', allowNamespaces(place)),
    createManifest('istio/mesh/extension-provider.yaml', 'mesh/extension-provider.yaml'),
    ...place.namespaces.map(createPolicy),
    { path: 'README.md', text: writeReadme('Istio', listSteps(place), place) },
  ],
};

/** Every workload of the namespace with this label asks Peerproof. */
function createPolicy(namespace: string): TextFile {
  return createManifest('istio/protect/custom-policy.yaml', `protect/${namespace}.yaml`, (document) => {
    document.setIn(['metadata', 'name'], 'peerproof');
    document.setIn(['metadata', 'namespace'], namespace);
    document.setIn(['spec', 'selector', 'matchLabels'], document.createNode({ authorizer: 'peerproof' }));
  });
}

function listSteps({ namespaces }: Place): readonly string[] {
  const [first = ''] = namespaces;
  const label = '{"spec":{"template":{"metadata":{"labels":{"authorizer":"peerproof"}}}}}';
  return [
    `## 2. Register it beside oauth2-proxy

Apply \`mesh/extension-provider.yaml\` in the way you installed Istio. With istioctl:

${commands(
  'istioctl install -f your-own-file.yaml -f mesh/extension-provider.yaml',
  "kubectl -n istio-system get configmap istio -o jsonpath='{.data.mesh}'",
)}

The last command must show \`peerproof-grpc\` and the provider of oauth2-proxy. \`extensionProviders\` is a list, and a
list in a later file replaces it.
`,
    `## 3. Switch one application

The policy applies to the pods with the label \`authorizer: peerproof\`. Remove the policy of oauth2-proxy from them in
the same step, because Istio denies requests to a workload with two providers (up to Istio 1.29).

${commands(
  ...namespaces.map((name) => `kubectl apply -f protect/${name}.yaml`),
  `kubectl -n ${first} patch deployment orders -p '${label}'`,
)}

${lookAtAnswers}
`,
  ];
}
