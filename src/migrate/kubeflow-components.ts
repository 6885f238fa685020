import { createPolicy } from './istio.ts';
import type { TextFile } from './target.ts';

/** The namespace of the components. */
export const home = 'kubeflow';

/**
 * The components that the gateway of Kubeflow leads to, and the labels of their pods. All requests to them
 * bring a token: oauth2-proxy adds that of Dex to the requests of a browser.
 */
const components: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'ml-pipeline-ui': { app: 'ml-pipeline-ui' },
  'jupyter-web-app': { app: 'jupyter-web-app' },
  'volumes-web-app': { app: 'volumes-web-app' },
  'tensorboards-web-app': { app: 'tensorboards-web-app' },
  'katib-ui': { 'katib.kubeflow.org/component': 'ui' },
  'kserve-models-web-app': { 'app.kubernetes.io/component': 'kserve-models-web-application' },
  'model-registry-ui': { app: 'model-registry-ui' },
  centraldashboard: { app: 'centraldashboard' },
};

export const componentNames = Object.keys(components);

/** One policy for each component, so that each is switched, and switched back, on its own. */
export function protectComponents(): readonly TextFile[] {
  return Object.entries(components).map(([name, labels]) =>
    createPolicy(name, home, `${name}-peerproof`, labels),
  );
}
