import { X509Certificate } from 'node:crypto';
import { stringify } from 'yaml';
import type { ClientCertificate } from '../../test/doors/mint.ts';
import type { JwtSigner } from '../../test/support/jwt-signer.ts';
import { waitFor } from '../../test/support/wait.ts';
import type { Send } from './ask.ts';
import { APPLICATIONS, applicationObjects, CERTIFICATES, senders } from './objects.ts';
import { helm, kubectl } from './programs.ts';
import { introspectionSecret, NAMESPACE, releaseValues } from './release.ts';

const PATIENCE = '--timeout=180s';
const inApplications = ['--namespace', APPLICATIONS];
const inRelease = ['--namespace', NAMESPACE];

/** Why this cluster is not one to run in. Undefined: it is. Changes nothing. @throws if the cluster cannot be asked */
export async function obstacle(): Promise<string | undefined> {
  const namespaces = await kubectl(['get', 'namespaces', '--output', 'name']);
  for (const name of [APPLICATIONS, NAMESPACE])
    if (namespaces.split('\n').includes(`namespace/${name}`))
      return `the namespace ${name} exists. This run makes it and removes it: name another cluster`;
  const meshes = await kubectl(['get', 'configmaps', '--namespace', 'istio-system', '--output', 'yaml']);
  if (!meshes.includes('peerproof-grpc'))
    return 'the mesh has no provider peerproof-grpc: istioctl install -f istio/mesh/extension-provider.yaml';
  return undefined;
}

/** Starts the application, the senders and the introspection endpoint. */
export async function startApplications(image: string): Promise<void> {
  await kubectl(['create', 'namespace', APPLICATIONS]);
  const text = applicationObjects(image).map((one) => stringify(one));
  await kubectl(['apply', '--filename', '-'], text.join('---\n'));
  for (const name of ['orders', 'introspection', ...Object.keys(senders)])
    await kubectl(['rollout', 'status', `deployment/${name}`, ...inApplications, PATIENCE]);
}

/** The certificate that the sidecar of `client` has. */
export async function readCertificate(): Promise<ClientCertificate> {
  const read = `process.stdout.write(require('node:fs').readFileSync('${CERTIFICATES}/cert-chain.pem', 'utf8'))`;
  const chain = await exec('client', ['node', '-e', read]);
  const [leaf = ''] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(chain) ?? [];
  const { raw: der, fingerprint256 } = new X509Certificate(leaf);
  const sha256Hex = fingerprint256.replaceAll(':', '').toLowerCase();
  const thumbprint = Buffer.from(sha256Hex, 'hex').toString('base64url');
  return { der, sha256Hex, thumbprint, urlEncodedPem: encodeURIComponent(`${leaf}\n`) };
}

/** Installs the chart, and returns what `helm test` prints. */
export async function install(image: string, signer: JwtSigner): Promise<string> {
  await kubectl(['create', 'namespace', NAMESPACE]);
  await kubectl(['apply', '--filename', '-'], stringify(introspectionSecret));
  const values = stringify(releaseValues(image, signer));
  await helm(['install', 'peerproof', 'charts/peerproof', ...inRelease, '--wait', '--values', '-'], values);
  return helm(['test', 'peerproof', ...inRelease, '--logs']);
}

/** Puts Peerproof before the application, and waits until a request without a token is refused. */
export async function protect(send: Send): Promise<void> {
  await kubectl(['apply', '--filename', 'istio/protect/custom-policy.yaml']);
  const request = { id: 'is-protected', method: 'GET', path: '/orders/1', headers: [['Host', 'orders']] };
  const order = JSON.stringify({ address: 'orders:8080', requests: [request] });
  await waitFor(
    'a refusal',
    20_000,
    async () => JSON.parse(await send('client', order))[0].status === 401,
    1_000,
  );
}

export const sendFromPod: Send = (sender, order) => exec(sender, ['node', '/programs/send.mts'], order);

/** The pods are there when this is called, so it waits for none. */
function exec(name: string, command: readonly string[], input = ''): Promise<string> {
  const pod = [`deployment/${name}`, '--container', 'app', ...inApplications, '--pod-running-timeout=10s'];
  return kubectl(['exec', '--stdin', ...pod, '--', ...command], input);
}

/** The reasons in the log of Peerproof, by the IDs of requests, as soon as it has all of these. Never later than it must. */
export async function reasonsInLog(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  let reasons: ReadonlyMap<string, string> = new Map();
  const hasAll = async () => {
    reasons = readReasons(
      await kubectl(['logs', 'deployment/peerproof', '--container', 'peerproof', ...inRelease]),
    );
    return ids.every((id) => reasons.has(id));
  };
  // A row that came to no check is a difference that the table shows.
  await waitFor('the log', 5_000, hasAll, 1_000).catch(() => undefined);
  return reasons;
}

/** Of lines that are no decisions nothing is read. */
export function readReasons(log: string): ReadonlyMap<string, string> {
  const decisions = log
    .split('\n')
    .filter((line) => line.includes('"request_id"'))
    .map((line) => JSON.parse(line) as { request_id: string; reason: string });
  return new Map(decisions.map(({ request_id, reason }) => [request_id, reason]));
}

/** What there is to see after a failure: the pods, and the last lines of Peerproof. */
export async function situation(): Promise<string> {
  const pods = [APPLICATIONS, NAMESPACE].map((name) =>
    kubectl(['get', 'pods', '--namespace', name, '--output', 'wide']),
  );
  const log = kubectl([
    'logs',
    'deployment/peerproof',
    '--container',
    'peerproof',
    ...inRelease,
    '--tail=20',
  ]);
  const texts = await Promise.allSettled([...pods, log]);
  return texts.map((text) => (text.status === 'fulfilled' ? text.value : text.reason.message)).join('\n');
}

/** Removes both namespaces, and what the release has outside of them. Only what is there. */
export async function removeAll(): Promise<void> {
  await helm(['uninstall', 'peerproof', ...inRelease, '--ignore-not-found']).catch(() => undefined);
  await kubectl(['delete', 'namespace', APPLICATIONS, NAMESPACE, '--ignore-not-found', PATIENCE]);
}
