import { componentNames, home } from './kubeflow-components.ts';
import { describeRegistration } from './mesh-config.ts';
import { commands, lookAtAnswers, type Readme } from './mesh-readme.ts';
import type { Place, Written } from './target.ts';

/** The commands of the folder for Kubeflow. */
export function describeKubeflow({ configuration }: Written, place: Place): Readme {
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

Kubeflow limits which namespaces a sidecar knows, and who may reach Dex. Run each command once. If a command
answers \`NotFound\`, your Kubeflow has no such limit: go on.

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

The first request is 401 from the gateway. The second is 200 from the component. Then log in with a browser,
and open the component there. To go back, delete the policy: \`kubectl delete -f protect/ml-pipeline-ui.yaml\`.

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

/** Whether an issuer is the Dex of Kubeflow. */
export function isDex(issuer: string | undefined): boolean {
  return /^https?:\/\/dex\.auth\.svc[.:/]/.test(issuer ?? '');
}
