import { parse } from 'yaml';
import { readManifests } from '../istio/manifests.ts';
import { only, type Values } from './chart.ts';

/** The configuration of a ConfigMap in `istio/`. */
export function configIn(path: string): Values {
  const file = readManifests().find((one) => one.path === path);
  const { data } = only(file?.documents ?? [], 'ConfigMap');
  return parse(data?.['peerproof.yaml'] ?? '') as Values;
}

const gateway = { namespace: 'istio-system', serviceAccount: 'istio-ingressgateway-service-account' };

/** The values that describe what the manifests of `istio/` and `istio/kyma/` describe. */
export const asIstio: Values = {
  flavour: 'istio',
  config: configIn('istio/config.yaml'),
  callers: { namespaces: ['applications'], gateways: [gateway] },
};

export const asKyma: Values = {
  flavour: 'kyma',
  config: configIn('istio/kyma/config.yaml'),
  callers: {
    namespaces: ['applications'],
    gateways: [{ ...gateway, podLabels: { istio: 'ingressgateway' } }],
  },
};
