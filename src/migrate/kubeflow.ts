import { createPolicy, istio } from './istio.ts';
import { addTo, createPatch } from './json-patch.ts';
import { home, protectComponents } from './kubeflow-components.ts';
import { forKubeflow, onlyPersonsWithAddress, pipelines } from './kubeflow-configuration.ts';
import { describeKubeflow, isDex } from './kubeflow-readme.ts';
import { type ManifestChange, useImage } from './manifest.ts';
import { meshComments } from './mesh.ts';
import { createRegistration } from './mesh-config.ts';
import { createMeshManifests } from './mesh-manifests.ts';
import { writeReadme } from './mesh-readme.ts';
import type { Report } from './report.ts';
import type { Place, Target, TextFile } from './target.ts';

/**
 * The sidecars of Kubeflow's components ask over gRPC. oauth2-proxy stays at the gateway, for logins: up to
 * Istio 1.29 a gateway has one authorizer, and Peerproof has no login.
 */
export const kubeflow: Target = {
  ...istio,
  namespaces: [home],
  elsewhere: {
    pattern: /^\/(?:dex|oauth2)(?:\/|$)/,
    why: 'Dex and oauth2-proxy answer there, and these requests never reach a component',
  },
  comments: [
    [
      ['identity', 'headers'],
      ' The headers that the components read: the address of a person, or the subject of a ServiceAccount.\n It has no prefix: USERID_PREFIX of the components must be empty, as Kubeflow has it.',
    ],
    [['issuers', 'default', 'accept'], ' Dex has no other tokens than ID tokens.'],
    [
      ['issuers', 'cluster', 'audiences'],
      ' kubectl create token NAME --audience pipelines.kubeflow.org. A token with the audience of the API server would let\n a component act there as its sender.',
    ],
    ...meshComments,
  ],
  conditions: onlyPersonsWithAddress,
  adapt(configuration, place, report) {
    warnOfGateway(report);
    return forKubeflow(configuration, place, report);
  },
  files: (written, place) => [
    ...createMeshManifests('istio', written, place, withToken(place)),
    ...createRegistration(place),
    createPatch('mesh/sidecar-patch.yaml', [addTo('/spec/egress/0/hosts', 'peerproof/*')]),
    ...openDex(written.configuration.issuers?.default?.issuer),
    ...protectComponents(),
    ...place.namespaces
      .filter((name) => name !== home)
      .map((name) => createPolicy(`namespace-${name}`, name, 'peerproof', { authorizer: 'peerproof' })),
    { path: 'README.md', text: writeReadme(describeKubeflow(written, place), place) },
  ],
};

/** What stays as it is, and what is stricter than the manifests of Kubeflow. */
function warnOfGateway(report: Report): void {
  report.warn(
    'logins in a browser: Peerproof has none. Keep oauth2-proxy, Dex and their policies at the gateway: oauth2-proxy adds the token of Dex to each request of a browser, and Peerproof checks it at the components',
  );
  report.warn(
    'RequestAuthentication at the gateway stays: istio-ingressgateway-require-jwt refuses a ServiceAccount token there unless m2m-token-issuer names the issuer of the cluster, as the overlays m2m-dex-and-kind and m2m-dex-and-eks do',
  );
  report.warn(
    `issuers.cluster.audiences: a ServiceAccount token needs the audience ${pipelines}, which RequestAuthentication does not check. Tokens of kubectl create token without --audience are refused: add their audience only if you cannot change them`,
  );
  report.warn(
    'the components need sidecars: with the overlays of Kubeflow for ambient mode, these policies protect nothing',
  );
  report.warn(
    'ml-pipeline is not protected: it reviews tokens itself, and its own policy refuses requests with kubeflow-userid from most senders',
  );
}

/** Peerproof reads its own token, to ask the API server for the keys of ServiceAccount tokens. */
function withToken(place: Place): ManifestChange {
  return (document) => {
    useImage(place)(document);
    document.setIn(['spec', 'template', 'spec', 'automountServiceAccountToken'], true);
  };
}

/** The NetworkPolicy of Dex names who may reach it. */
function openDex(issuer: string | undefined): readonly TextFile[] {
  if (!isDex(issuer)) return [];
  const peerproof = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'peerproof' } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'peerproof' } },
  };
  return [createPatch('mesh/dex-network-policy-patch.yaml', [addTo('/spec/ingress/0/from', peerproof)])];
}
