import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { migrateOauth2Proxy } from '../../src/migrate/command.ts';
import { writeFolder } from '../../src/migrate/write-folder.ts';
import { kubeflowFile, kubeflowFlags } from '../migrate/kubeflow.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { createCa } from '../support/ca.ts';
import { GATEWAY_XFCC } from '../support/envoy.ts';
import { envoyTest } from '../support/envoy-test.ts';
import { type Mesh, received, startMesh } from '../support/mesh.ts';
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider.ts';

/**
 * `migrate oauth2-proxy --for kubeflow`, and what it wrote at work: the gateway of Kubeflow, the sidecar of
 * `ml-pipeline-ui` that asks over gRPC, a real authorization server in place of Dex, and the tokens of a cluster.
 * Only ports, and the files of the pod, are those of the test.
 */

const temporary = mkdtempSync(join(tmpdir(), 'peerproof-kubeflow-'));
test.after.always(() => rmSync(temporary, { recursive: true }));

const client = 'kubeflow-oidc-authservice';
const api = 'https://kubeflow.example.com';
const account = 'system:serviceaccount:kubeflow-user-example-com:default-editor';

/** Writes the folder, and reads what the pod would be given. */
function migrate(issuer: string, caFile: string) {
  const [cfg, out] = [join(temporary, 'oauth2_proxy.cfg'), join(temporary, 'folder')];
  writeFileSync(cfg, kubeflowFile(issuer, `${issuer}/jwks`));
  const own = ['--for', 'kubeflow', '--cfg', cfg, '--out', out, '--'];
  const { folder, report } = migrateOauth2Proxy(
    [...own, ...kubeflowFlags, `--provider-ca-file=${caFile}`],
    {},
  );
  if (!folder) throw new Error(report.join('\n'));
  writeFolder(folder.out, folder.files);
  return parse(parse(readFileSync(join(out, 'manifests/config.yaml'), 'utf8')).data['peerproof.yaml']);
}

interface World {
  readonly mesh: Mesh;
  readonly dex: OidcProvider;
  readonly cluster: ApiServer;
}

async function startKubeflow(t: ExecutionContext): Promise<World> {
  const ca = await createCa();
  const [caFile, tokenFile] = [join(temporary, 'ca.crt'), join(temporary, 'token')];
  writeFileSync(caFile, ca.certPem);
  const claims = { email: 'user@example.com', email_verified: true };
  const dex = await startOidcProvider({
    ca,
    clients: [{ clientId: 'ci', scope: 'runs', claims }],
    resources: { [api]: { audience: client, scope: 'runs' } },
  });
  t.teardown(dex.stop);
  const issuer = 'https://kubernetes.default.svc.cluster.local';
  const cluster = await startApiServer({ ca, issuer });
  t.teardown(cluster.stop);
  const own = cluster.issue({ namespace: 'peerproof', name: 'peerproof', audiences: [issuer] });
  cluster.setCaller(own);
  writeFileSync(tokenFile, own);
  const mesh = await startMesh({
    config: () => {
      const { listen, ...settings } = migrate(dex.issuer, caFile);
      Object.assign(settings.issuers.cluster, { ca: caFile });
      Object.assign(settings.issuers.cluster.kubernetes, { apiServer: cluster.url, tokenFile });
      return settings;
    },
    listeners: (parts) => [
      {
        name: 'gateway',
        mtls: parts.tls('gateway', { requireClientCertificate: false }),
        xfcc: GATEWAY_XFCC,
        upstream: { listener: 'ml-pipeline-ui', tls: parts.tls('gateway') },
      },
      ...(['component', 'orders'] as const).map((who) => ({
        name: who === 'component' ? 'ml-pipeline-ui' : 'elsewhere',
        mtls: parts.tls(who),
        upstream: { port: parts.app.port },
        extAuthz: { grpc: parts.authorizer, istioPair: true },
      })),
    ],
  });
  t.teardown(mesh.stop);
  return { mesh, dex, cluster };
}

envoyTest('Kubeflow, migrated: a person of Dex and a pod of a pipeline pass, each as itself', async (t) => {
  const { mesh, dex, cluster } = await startKubeflow(t);
  const send = (token?: string, more = {}) =>
    mesh.send('gateway', {
      path: '/pipeline/apis/v2beta1/runs',
      headers: [
        ['kubeflow-userid', 'forged@example.com'],
        ['kubeflow_userid', 'forged@example.com'],
        ['kubeflow-groups', 'forged'],
      ],
      ...(token !== undefined && { token }),
      ...more,
    });
  const now = Math.floor(Date.now() / 1000);
  /** As Dex signs both its ID tokens and its access tokens. */
  const ofDex = (claims = {}) =>
    dex.signers.RS256.sign(
      {
        ...{ iss: dex.issuer, sub: 'CgR1c2VyEgVsb2NhbA', aud: client, iat: now, exp: now + 300 },
        ...{ nonce: 'n', at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng', name: 'user', groups: ['ml', 'ops'] },
        ...{ email: 'user@example.com', email_verified: true, ...claims },
      },
      { typ: undefined },
    );

  t.is((await send()).status, 401);
  t.is((await send(undefined, { path: '/dex/auth' })).status, 401, 'no component is public below /dex/');
  const person = await send(ofDex());
  t.is(person.status, 200, person.body);
  t.deepEqual(received(person, 'kubeflow-userid'), ['user@example.com']);
  t.deepEqual(received(person, 'kubeflow-groups'), ['ml,ops']);
  t.notRegex(person.body, /forged/);

  const program = await send(await dex.token({ clientId: 'ci', resource: api, scope: 'runs' }));
  t.is(program.status, 200, program.body);
  t.deepEqual(received(program, 'kubeflow-userid'), ['user@example.com']);
  t.notRegex(program.body, /forged/);

  const ofPod = (audience: string) =>
    cluster.issue({
      ...{ namespace: 'kubeflow-user-example-com', name: 'default-editor', pod: 'run-1-train' },
      audiences: [audience],
    });
  const pod = await send(ofPod('pipelines.kubeflow.org'));
  t.is(pod.status, 200, pod.body);
  t.deepEqual(received(pod, 'kubeflow-userid'), [account]);
  t.notRegex(pod.body, /forged/);
  t.is((await send(ofPod('https://kubernetes.default.svc.cluster.local'))).status, 401);

  t.is((await send(ofDex({ aud: 'grafana' }))).status, 401, 'a token of another client of Dex');
  t.is((await send(ofDex({ email: undefined }))).status, 403, 'nobody without an address');
  t.is((await send(ofDex({ email: account }))).status, 403, 'a person who calls itself a ServiceAccount');
  t.is((await send(ofDex({ email: [account] }))).status, 403);
  t.is((await mesh.send('elsewhere', { who: 'client', token: ofDex() })).status, 403);
});
