import { generateKeyPairSync } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { sendRequest } from '../../src/sources/http-client.ts';
import { createCa } from './ca.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './processes.ts';

/** A real API server with RBAC, and an etcd of its own. */
export interface KubeApiServer {
  readonly url: string;
  /** PEM of the authority of its certificate, and the file with it. */
  readonly ca: string;
  readonly caFile: string;
  /** The bearer token of an administrator. */
  readonly admin: string;
  /** The `iss` of its ServiceAccount tokens. */
  readonly issuer: string;
  /** For files. It is removed at the end. */
  readonly folder: string;
  /** Ends the API server. Its data stay, and `up` starts it again on the same port. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** The programs, in the folder that the tests of Kubernetes controllers use, or in PATH. */
const folders = [process.env.KUBEBUILDER_ASSETS ?? '', ...(process.env.PATH ?? '').split(delimiter)];

/** Says loudly what is missing. Neither npm nor the packages of Debian have a kube-apiserver. */
export function hasKubeApiServer(): boolean {
  const missing = ['kube-apiserver', 'etcd'].filter((name) => find(name) === undefined);
  if (missing.length === 0) return true;
  console.warn(`SKIPPED: no ${missing.join(' and no ')} in KUBEBUILDER_ASSETS or PATH`);
  return false;
}

/** The argument with the socket of a signer outside of the API server (KEP-740), in place of a key of its own. */
export const externalSigner = '--service-account-signing-endpoint';

/**
 * Starts both on free ports. Nothing else of a cluster runs: there is neither a controller nor a node.
 * @param more further arguments of kube-apiserver
 * @throws with what they wrote last, if one does not become ready
 */
export async function startKubeApiServer(...more: readonly string[]): Promise<KubeApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-kube-'));
  const etcd = await startEtcd(folder);
  const end = async () => {
    await etcd.process.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const ca = await createCa();
  const { certPem, keyPem } = await ca.server();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signingKey = write(folder, 'sa.key', String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  const port = await freePort();
  const [url, admin] = [`https://127.0.0.1:${port}`, 'the-administrator'];
  const issuer = 'https://kubernetes.default.svc.cluster.local';
  const args = [
    ...['--etcd-servers', etcd.url, '--cert-dir', folder, '--service-cluster-ip-range', '10.0.0.0/24'],
    ...['--bind-address', '127.0.0.1', '--secure-port', String(port)],
    ...['--tls-cert-file', write(folder, 'tls.crt', certPem)],
    ...['--tls-private-key-file', write(folder, 'tls.key', keyPem)],
    ...['--service-account-issuer', issuer, '--authorization-mode', 'RBAC'],
    ...(more.includes(externalSigner)
      ? []
      : ['--service-account-key-file', signingKey, '--service-account-signing-key-file', signingKey]),
    ...['--token-auth-file', write(folder, 'tokens.csv', `${admin},admin,1,system:masters\n`)],
    ...more,
  ];
  const start = () =>
    startProcess({
      name: 'kube-apiserver',
      command: find('kube-apiserver') ?? 'kube-apiserver',
      args,
      // The roles of Kubernetes itself are there a little later than the server.
      ready: () => answers(`${url}/readyz`, ca.certPem, admin),
      readyWithinMs: 60_000,
    });
  let server: RunningProcess | undefined = await start().catch(async (error: Error) => {
    await end();
    throw error;
  });
  const down = async () => {
    await server?.stop();
    server = undefined;
  };
  return {
    ...{ url, ca: ca.certPem, caFile: write(folder, 'ca.crt', ca.certPem), admin, issuer, folder, down },
    async up() {
      server = await start();
    },
    async stop() {
      await down();
      await end();
    },
  };
}

async function startEtcd(folder: string) {
  const [url, peers] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const process = await startProcess({
    name: 'etcd',
    command: find('etcd') ?? 'etcd',
    args: [
      ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--listen-peer-urls', peers],
      ...['--listen-client-urls', url, '--advertise-client-urls', url],
    ],
    ready: () => answers(`${url}/health`),
  });
  return { url, process };
}

function answers(url: string, ca?: string, token?: string): Promise<boolean> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const limits = { ca, timeout: 5_000, maxBytes: 65_536 };
  return sendRequest(new URL(url), { headers }, limits).then(
    ({ status }) => status === 200,
    () => false,
  );
}

function write(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function find(name: string): string | undefined {
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
