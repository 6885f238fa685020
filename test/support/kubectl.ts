import { execFileSync } from 'node:child_process';
import type { KubeApiServer } from './kube-api-server.ts';
import { findKubectlLayer } from './kubectl-layer.ts';

const programs = await findKubectlLayer();

/** kubectl with the rights of an administrator. It looks at no file of the user. @throws with what it says */
export function createKubectl({ url, caFile, admin }: KubeApiServer) {
  const named = ['--server', url, '--certificate-authority', caFile, '--token', admin];
  return (args: readonly string[], input = ''): string =>
    execFileSync(programs?.kubectl ?? 'kubectl', [...named, ...args], {
      ...{ env: { HOME: '/nonexistent' }, input, encoding: 'utf8', timeout: 60_000 },
    }).trim();
}
