import { parse } from 'yaml';
import { addTo, createPatch } from './json-patch.ts';
import { createSwitches, switchCommands, switchNotes } from './kyma-switch.ts';
import { readTemplate, useImage } from './manifest.ts';
import { inMesh, meshComments, ownId, tightenInMesh } from './mesh.ts';
import { createMeshManifests } from './mesh-manifests.ts';
import { commands, lookAtAnswers, writeReadme } from './mesh-readme.ts';
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
  files: (written, place) => [
    ...createMeshManifests('kyma', written, place, useImage(place)),
    createRegistration(),
    ...createSwitches(place),
    {
      path: 'README.md',
      text: writeReadme(
        { title: 'Peerproof in place of oauth2-proxy, in Kyma', steps: listSteps(place) },
        place,
      ),
    },
  ],
};

/** Adds Peerproof to the authorizers. */
function createRegistration(): TextFile {
  const { spec } = parse(readTemplate('istio/kyma/mesh/istio-cr.yaml'));
  const authorizers = '/spec/config/authorizers';
  return createPatch('mesh/istio-cr-patch.yaml', [addTo(authorizers, spec.config.authorizers[0])]);
}

function listSteps(place: Place): readonly string[] {
  const { before, back } = switchNotes(place);
  const istio = 'kubectl -n kyma-system';
  return [
    `## 2. Register it beside oauth2-proxy

Run this once. The first command must not show \`peerproof-http\` yet, and the last one must show \`Ready\`.

${commands(
  `${istio} get istio default -o jsonpath='{.spec.config.authorizers[*].name}'`,
  `${istio} patch istio default --type json --patch-file mesh/istio-cr-patch.yaml`,
  `${istio} get istio default`,
)}
`,
    `## 3. Switch the APIRules

${before}
Switch all APIRules of the same pods at once, because Istio denies requests to a workload with two authorizers
(up to Istio 1.29).

${commands(...switchCommands(place))}

${lookAtAnswers}

To go back, use ${back}.
`,
  ];
}
