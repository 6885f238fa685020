import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { parse } from 'yaml';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { Manifest } from '../istio/manifests.ts';
import { createCa } from '../support/ca.ts';
import { type PeerproofProcess, startPeerproofProcess } from '../support/peerproof-process.ts';
import { chartTest, installed, only, render, type Values } from './chart.ts';
import { flavours } from './flavours.ts';

interface Port {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
  readonly containerPort: number;
}

/** A served instance of what was rendered, on free ports. */
interface Served extends Pick<PeerproofProcess, 'page'> {
  readonly manifests: readonly Manifest[];
  /** By the port of the pod, the port at which it really listens. */
  readonly real: Readonly<Record<number, number>>;
}

async function serve(t: ExecutionContext, values: Values, certificates = ''): Promise<Served> {
  const manifests = await render(values);
  const text = only(installed(manifests), 'ConfigMap').data?.['peerproof.yaml'] ?? '';
  const { listen, ...config } = parse(text.replaceAll('/etc/peerproof-tls', certificates)) as ConfigInput;
  const running = await startPeerproofProcess(config);
  t.teardown(() => running.stop());
  const ports = { grpc: running.grpcPort, http: running.httpPort, admin: running.adminPort };
  // A port that listens on a loopback address is not one of the pod.
  const real = Object.entries(listen as Record<string, string>)
    .filter(([, address]) => address.startsWith('0.0.0.0:'))
    .map(([door, address]) => [Number(address.split(':')[1]), ports[door as keyof typeof ports]]);
  return { manifests, real: Object.fromEntries(real), page: running.page };
}

for (const [flavour, values] of Object.entries(flavours)) {
  chartTest(
    `chart – ${flavour}: ports and probes are those that the service opens, and helm test passes`,
    async (t) => {
      const { manifests, real, page } = await serve(t, values);
      const [container] = only(manifests, 'Deployment').spec.template.spec.containers;
      const opened = container.ports.map((one: Port) => one.containerPort);
      t.deepEqual(opened.sort(), Object.keys(real).map(Number).sort());
      for (const { port, targetPort } of only(manifests, 'Service').spec.ports as Port[]) {
        t.is(port, targetPort);
        t.truthy(real[targetPort], `port ${targetPort}`);
      }
      for (const name of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        const { path, port } = container[name].httpGet;
        t.is(port, 9003);
        t.is((await page(path)).status, 200, name);
      }
      const { code, output } = await helmTest(manifests, real);
      t.is(code, 0, output);
      t.is(output.match(/^ok: /gm)?.length, expectedAnswers(values), output);
    },
  );
}

chartTest('chart – helm test fails if the service decides otherwise, or if nobody answers', async (t) => {
  const { manifests, real } = await serve(t, flavours.istio ?? {});
  const ask = { name: 'orders', method: 'GET', path: '/orders/1', expect: 'allow' };
  const wrong = await helmTest(manifests, real, { ASKS: JSON.stringify([ask]) });
  t.is(wrong.code, 1);
  t.regex(wrong.output, /FAILED: orders over gRPC: deny, expected allow/);
  const nobody = await helmTest(manifests, { 9001: 1 });
  t.is(nobody.code, 1);
  t.regex(nobody.output, /no answer \(.*ECONNREFUSED/);
});

chartTest(
  'chart – with a certificate the service is asked over TLS, by a client with a certificate',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'peerproof-chart-tls-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const ca = await createCa();
    const { certPem, keyPem } = await ca.issue({
      dns: ['localhost'],
      extendedKeyUsage: ['serverAuth', 'clientAuth'],
    });
    for (const [name, text] of Object.entries({
      'tls.crt': certPem,
      'tls.key': keyPem,
      'ca.crt': ca.certPem,
    }))
      writeFileSync(join(folder, name), text);
    const values = { ...flavours.plain, doors: ['grpc'], grpcTls: { issuer: { name: 'proxies' } } };
    const { manifests, real } = await serve(t, values, folder);
    const { code, output } = await helmTest(manifests, real, { TLS: folder });
    t.is(code, 0, output);
    const plain = await helmTest(manifests, real, { TLS: '' });
    t.is(plain.code, 1, plain.output);
  },
);

function expectedAnswers({ doors, tests }: Values): number {
  const { asks } = tests as { asks: unknown[] };
  return asks.length * ((doors as unknown[] | undefined)?.length ?? 1);
}

/** Runs the command of the test's pod with its environment, where the addresses lead to the served instance. */
async function helmTest(
  manifests: readonly Manifest[],
  real: Served['real'],
  changed: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  const pod = only(manifests, 'Pod').spec;
  const [container] = pod.containers;
  const name = pod.volumes.find((one: { name: string }) => one.name === 'ask').configMap.name;
  const files = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata?.name === name);
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-helm-test-'));
  for (const [file, text] of Object.entries(files?.data ?? {})) writeFileSync(join(folder, file), text);
  const variables = container.env.map((one: { name: string; value: string }) => [one.name, one.value]);
  const environment: Record<string, string> = { ...Object.fromEntries(variables), SIDECAR: '', ...changed };
  for (const door of ['GRPC', 'HTTP']) {
    const [host, port] = environment[door]?.split(':') ?? [];
    if (!host) continue;
    if (host !== 'peerproof.peerproof.svc.cluster.local') throw new Error(`another Service: ${host}`);
    environment[door] = `localhost:${real[Number(port)]}`;
  }
  const [program, script] = container.command as [string, string];
  if (program !== 'node') throw new Error(`the image has no ${program} that this test knows`);
  return new Promise((resolve) => {
    const file = script.replace('/ask/', `${folder}/`);
    execFile(process.execPath, [file], { env: { ...environment, WITHIN: '0' }, timeout: 60_000 }, end);
    function end(error: Error | null, stdout: string, stderr: string): void {
      rmSync(folder, { recursive: true });
      resolve({ code: error ? 1 : 0, output: stdout + stderr });
    }
  });
}
