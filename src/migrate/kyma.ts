import { parse, stringify } from 'yaml';
import { createSwitches, switchCommands, switchNotes } from './kyma-switch.ts';
import {
  allowNamespaces,
  allowPrincipals,
  createConfigMap,
  createManifest,
  readTemplate,
  useImage,
} from './manifest.ts';
import { inMesh, meshComments, ownId, tightenInMesh } from './mesh.ts';
import type { Place, Target, TextFile } from './target.ts';

/** Kyma asks over HTTP. Its Istio resource registers authorizers, and its APIRules name them. */
export const kyma: Target = {
  door: {
    listen: { grpc: '127.0.0.1:9001', http: '0.0.0.0:9002', admin: '0.0.0.0:9003' },
    http: { xfcc: { sidecar: ownId } },
  },
  envoy: true,
  tighten: tightenInMesh,
  comments: [
    [['listen', 'grpc'], ' Kyma asks over HTTP only.'],
    [
      ['peers', 'gateways'],
      ' Safe only if the gateway replaces the header (SANITIZE_SET). If you have an ExternalGateway, write [].',
    ],
    ...meshComments,
  ],
  adapt: (configuration, place) => inMesh(configuration, ['xfcc'], place),
  files: (configuration, place) => [
    createManifest('istio/kyma/00-namespace.yaml', 'manifests/00-namespace.yaml'),
    createConfigMap(configuration),
    createManifest('istio/kyma/service.yaml', 'manifests/service.yaml'),
    createManifest('istio/kyma/deployment.yaml', 'manifests/deployment.yaml', useImage(place)),
    createManifest(
      'istio/kyma/authorization-policy.yaml',
      'manifests/authorization-policy.yaml',
      allowPrincipals(place),
    ),
    createManifest('istio/kyma/network-policy.yaml', 'manifests/network-policy.yaml', allowNamespaces(place)),
    createRegistration(),
    ...createSwitches(place),
    { path: 'README.md', text: writeReadme(place) },
  ],
};

/** Adds one entry to the list of authorizers. A merge would replace the list, with the entry of oauth2-proxy. */
function createRegistration(): TextFile {
  const { spec } = parse(readTemplate('istio/kyma/mesh/istio-cr.yaml'));
  const patch = [{ op: 'add', path: '/spec/config/authorizers/-', value: spec.config.authorizers[0] }];
  return { path: 'mesh/istio-cr-patch.yaml', text: stringify(patch, { lineWidth: 0 }) };
}

function writeReadme(place: Place): string {
  const { namespaces, image } = place;
  const { before, back } = switchNotes(place);
  return `# Peerproof in place of oauth2-proxy, in Kyma

Read \`report.md\` first. Then run the commands in this folder, in this order. oauth2-proxy stays installed until the last
application has moved. The applications are in: ${namespaces.join(', ')}.

## 1. Run Peerproof

${image === undefined ? 'Build an image with the Dockerfile of Peerproof, push it, and write its name into the third command:' : 'The image is that of `--image`.'}

\`\`\`sh
peerproof validate --config peerproof.yaml
kubectl apply -f manifests/
${image === undefined ? 'kubectl -n peerproof set image deployment/peerproof peerproof=registry.example.com/peerproof:1.0.0\n' : ''}kubectl -n peerproof rollout status deployment/peerproof
\`\`\`

## 2. Register it beside oauth2-proxy

Run this once. The first command must not show \`peerproof-http\` yet.

\`\`\`sh
kubectl -n kyma-system get istio default -o jsonpath='{.spec.config.authorizers[*].name}'
kubectl -n kyma-system patch istio default --type json --patch-file mesh/istio-cr-patch.yaml
kubectl -n kyma-system get istio default
\`\`\`

The last command shows \`Ready\`.

## 3. Switch the APIRules

${before} Switch all APIRules of the same pods
at once, because Istio denies requests to a workload with two authorizers (up to Istio 1.29).

\`\`\`sh
${switchCommands(place)}
\`\`\`

Without a token the answer is 401, with a token it is 200. This shows why:

\`\`\`sh
kubectl -n peerproof logs -l app.kubernetes.io/name=peerproof -c peerproof --tail=20
\`\`\`

To go back, use ${back}.

## After a change of peerproof.yaml

\`\`\`sh
kubectl -n peerproof create configmap peerproof --from-file=peerproof.yaml --dry-run=client -o yaml | kubectl apply -f -
\`\`\`
`;
}
