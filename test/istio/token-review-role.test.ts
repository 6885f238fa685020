import test from 'ava';
import { stringify } from 'yaml';
import { Denial, DependencyError } from '../../src/core/denial.ts';
import { ApiServer } from '../../src/sources/api-server.ts';
import { sendRequest } from '../../src/sources/http-client.ts';
import { chartTest, render } from '../charts/chart.ts';
import { asIstio } from '../charts/values.ts';
import { hasKubeApiServer, type KubeApiServer, startKubeApiServer } from '../support/kube-api-server.ts';
import { createKubectl } from '../support/kubectl.ts';
import { readManifests } from './manifests.ts';

const kubeTest = hasKubeApiServer() ? chartTest : test.serial.skip;
const never = new AbortController().signal;
const roles = /^ClusterRole/;
const chart = async () =>
  (await render({ ...asIstio, tokenReview: true })).filter(({ kind }) => roles.test(kind));
const component = async () =>
  readManifests()
    .filter(({ path }) => path.startsWith('kustomize/components/token-review/'))
    .flatMap(({ documents }) => documents)
    .filter(({ kind }) => roles.test(kind));

for (const [what, read] of [
  ['the component', component],
  ['the chart', chart],
] as const)
  kubeTest(`role of TokenReview – ${what} grants one right, at a real API server`, async (t) => {
    const documents = await read();
    const server = await startKubeApiServer();
    t.teardown(() => server.stop());
    const kubectl = createKubectl(server);
    kubectl(['create', 'namespace', 'peerproof']);
    kubectl(['create', 'serviceaccount', 'peerproof', '-n', 'peerproof']);
    const token = ['create', 'token', 'peerproof', '-n', 'peerproof'];
    const [own, presented] = [kubectl(token), kubectl([...token, '--audience', 'orders'])];
    const client = new ApiServer({ url: server.url, ca: server.ca, token: () => own, timeout: 10_000 });
    t.teardown(() => client.close());
    const review = async () => client.review(['orders'])(presented, never);
    const account = 'system:serviceaccount:peerproof:peerproof';
    const rights = () => kubectl(['auth', 'can-i', '--list', '--as', account, '--no-headers']).split('\n');

    const refused = await t.throwsAsync(review(), { instanceOf: DependencyError });
    t.is(refused?.reason, 'api_server_forbidden');
    t.is((await client.keys()).issuer, server.issuer, 'the keys need no right');
    const before = rights();
    kubectl(['apply', '-f', '-'], documents.map((one) => stringify(one)).join('---\n'));

    const found = await review();
    t.false(found instanceof Denial);
    t.like(found, { username: account, audiences: ['orders'] });
    const more = rights().filter((line) => !before.includes(line));
    t.deepEqual(
      more.map((line) => line.trim().split(/\s+/)),
      [['tokenreviews.authentication.k8s.io', '[]', '[]', '[create]']],
    );
    t.is(await statusOfAccessReview(server, own), 403);
  });

/** Asks whether another user may read Secrets: what `system:auth-delegator` would also allow. */
async function statusOfAccessReview({ url, ca }: KubeApiServer, token: string): Promise<number> {
  const spec = { user: 'another', resourceAttributes: { verb: 'get', resource: 'secrets' } };
  const body = JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const request = { method: 'POST', headers, body };
  const limits = { ca, timeout: 10_000, maxBytes: 65_536 };
  const place = new URL('/apis/authorization.k8s.io/v1/subjectaccessreviews', url);
  return (await sendRequest(place, request, limits)).status;
}
