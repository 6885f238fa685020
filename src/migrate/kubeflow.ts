import { stringify } from 'yaml';
import { createManifests, createPolicy, istio } from './istio.ts';
import { componentNames, home, protectComponents } from './kubeflow-components.ts';
import { forKubeflow, onlyPersonsWithAddress, pipelines } from './kubeflow-configuration.ts';
import { type ManifestChange, useImage } from './manifest.ts';
import { meshComments } from './mesh.ts';
import { createRegistration, describeRegistration } from './mesh-config.ts';
import { commands, lookAtAnswers, writeReadme } from './mesh-readme.ts';
import type { Report } from './report.ts';
import type { Place, Target, TextFile, Written } from './target.ts';

/**
 * The sidecars of Kubeflow's components ask over gRPC. oauth2-proxy stays at the gateway, for logins: up to Istio
 * 1.29 a gateway has one authorizer, and Peerproof has no login.
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
      ' The headers that the components read: the address of a person, or the subject of a ServiceAccount.',
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
    ...createManifests(written, place, withToken(place)),
    ...createRegistration(place),
    addTo('mesh/sidecar-patch.yaml', '/spec/egress/0/hosts/-', 'peerproof/*'),
    ...openDex(written.configuration.issuers?.default?.issuer),
    ...protectComponents(),
    ...place.namespaces
      .filter((name) => name !== home)
      .map((name) => createPolicy(`namespace-${name}`, name, 'peerproof', { authorizer: 'peerproof' })),
    { path: 'README.md', text: writeReadme(createReadme(written, place), place) },
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

/** A patch that adds one entry to a list. */
function addTo(path: string, place: string, value: unknown): TextFile {
  return { path, text: stringify([{ op: 'add', path: place, value }], { lineWidth: 0 }) };
}

const isDex = (issuer: string | undefined) => /^https?:\/\/dex\.auth\.svc[.:/]/.test(issuer ?? '');

/** The NetworkPolicy of Dex names who may reach it. */
function openDex(issuer: string | undefined): readonly TextFile[] {
  if (!isDex(issuer)) return [];
  const peerproof = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'peerproof' } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'peerproof' } },
  };
  return [addTo('mesh/dex-network-policy-patch.yaml', '/spec/ingress/0/from/-', peerproof)];
}

function createReadme({ configuration }: Written, place: Place) {
  return {
    title: 'Peerproof beside oauth2-proxy, in Kubeflow',
    stays: 'oauth2-proxy stays installed: it logs in the users of a browser.',
    validate: ' --allow-missing-files',
    steps: listSteps(configuration.issuers?.default?.issuer, place),
  };
}

function listSteps(issuer: string | undefined, place: Place): readonly string[] {
  const others = place.namespaces.filter((name) => name !== home);
  return [
    `## 2. Let it be reached, and reach Dex

Kubeflow limits which namespaces a sidecar knows, and who may reach Dex. Run each command once. If a command answers \`NotFound\`, your Kubeflow has no
such limit: go on.

${commands(
  'kubectl -n istio-system patch sidecar default --type json --patch-file mesh/sidecar-patch.yaml',
  ...(isDex(issuer)
    ? [
        'kubectl -n auth patch networkpolicy allow-istio-and-oauth2-proxy --type json --patch-file mesh/dex-network-policy-patch.yaml',
      ]
    : []),
)}
`,
    `## 3. Register it beside oauth2-proxy

${describeRegistration(place)}`,
    `## 4. Protect one component after the other

${commands('kubectl apply -f protect/ml-pipeline-ui.yaml', ...request)}

The first request is 401 from the gateway. The second is 200 from the component. Then log in with a browser, and open the
component there. To go back, delete the policy: \`kubectl delete -f protect/ml-pipeline-ui.yaml\`.

Then do the same for the others that you have installed: ${componentNames.slice(1).join(', ')}.
${others.map((name) => `For a workload in ${name}: apply \`protect/namespace-${name}.yaml\`, and give its pods the label \`authorizer: peerproof\`.\n`).join('')}
${lookAtAnswers}
`,
  ];
}

const request = [
  'TOKEN=$(kubectl -n kubeflow-user-example-com create token default-editor --audience pipelines.kubeflow.org)',
  'RUNS="https://kubeflow.example.com/pipeline/apis/v2beta1/runs?namespace=kubeflow-user-example-com"',
  'curl -si "$RUNS" -H "Authorization: Bearer x"',
  'curl -si "$RUNS" -H "Authorization: Bearer $TOKEN"',
];
