import { istio } from './istio.ts';
import { kubeflow } from './kubeflow.ts';
import { kyma } from './kyma.ts';
import { nginx } from './nginx.ts';
import type { Target, TargetName } from './target.ts';

export const targets: Readonly<Record<TargetName, Target>> = { kyma, istio, nginx, kubeflow };
