import { createManifest, useImage } from './manifest.ts';
import { inMesh, meshComments, tightenInMesh } from './mesh.ts';
import { createRegistration, describeRegistration } from './mesh-config.ts';
import { createMeshManifests } from './mesh-manifests.ts';
import { commands, lookAtAnswers, writeReadme } from './mesh-readme.ts';
import type { Place, Target, TextFile } from './target.ts';

/** Sidecars ask over gRPC. The mesh configuration registers the provider, and a policy names it. */
export const istio: Target = {
  door: { listen: { grpc: '0.0.0.0:9001', admin: '0.0.0.0:9003' } },
  envoy: true,
  tighten: tightenInMesh,
  comments: meshComments,
  adapt: (configuration, place) => inMesh(configuration, ['attribute', 'xfcc', 'principal'], place),
  files: (written, place) => [
    ...createMeshManifests('istio', written, place, useImage(place)),
    ...createRegistration(place),
    ...place.namespaces.map((namespace) =>
      createPolicy(namespace, namespace, 'peerproof', { authorizer: 'peerproof' }),
    ),
    {
      path: 'README.md',
      text: writeReadme(
        { title: 'Peerproof in place of oauth2-proxy, in Istio', steps: listSteps(place) },
        place,
      ),
    },
  ],
};

/** Every workload of the namespace with these labels asks Peerproof. `file`: its name without its ending. */
export function createPolicy(
  file: string,
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): TextFile {
  return createManifest('istio/protect/custom-policy.yaml', `protect/${file}.yaml`, (document) => {
    document.setIn(['metadata', 'name'], name);
    document.setIn(['metadata', 'namespace'], namespace);
    document.setIn(['spec', 'selector', 'matchLabels'], document.createNode(labels));
  });
}

function listSteps(place: Place): readonly string[] {
  const { namespaces } = place;
  const [first = ''] = namespaces;
  const label = '{"spec":{"template":{"metadata":{"labels":{"authorizer":"peerproof"}}}}}';
  return [
    `## 2. Register it beside oauth2-proxy

${describeRegistration(place)}`,
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
