import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { parseAllDocuments, stringify } from 'yaml';
import { type Manifest, root } from '../istio/manifests.ts';
import { findKubectlLayer, kubectlLayerUnavailableReason } from '../support/kubectl-layer.ts';

const programs = await findKubectlLayer();
if (!programs) console.warn(`SKIPPED: no helm on this machine: ${kubectlLayerUnavailableReason()}`);

export const helmPath = programs?.helm;
export const kubectlPath = programs?.kubectl;

/** A test that needs the real helm or kubectl. One after the other, because each starts processes. */
export const chartTest = programs ? test.serial : test.serial.skip;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Values = Readonly<Record<string, unknown>>;

/** Runs `helm COMMAND peerproof`, with the values in a file, as users do it. */
export function helm(command: string, values: Values, chart = join(root, 'charts/peerproof')): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-values-'));
  const file = join(folder, 'values.yaml');
  writeFileSync(file, stringify(values));
  const name = command === 'template' ? ['peerproof'] : [];
  return execute('helm', [command, ...name, chart, '-n', 'peerproof', '-f', file]).finally(() =>
    rmSync(folder, { recursive: true }),
  );
}

/** Packs the chart into a folder, as a registry gets it. */
export function pack(folder: string): Promise<Ran> {
  return execute('helm', ['package', join(root, 'charts/peerproof'), '--destination', folder]);
}

const rendered = new Map<string, Promise<readonly Manifest[]>>();

/** The objects of a flavour. @throws with what helm says if it refuses the values, or if an object is no YAML */
export function render(values: Values): Promise<readonly Manifest[]> {
  const key = JSON.stringify(values);
  const result = rendered.get(key) ?? renderOnce(values);
  rendered.set(key, result);
  return result;
}

async function renderOnce(values: Values): Promise<readonly Manifest[]> {
  const { code, stdout, stderr } = await helm('template', values);
  if (code !== 0) throw new Error(stderr);
  return parsed(stdout);
}

/** What `kubectl kustomize` makes of a folder, of the repository or elsewhere. */
export async function kustomize(folder: string): Promise<readonly Manifest[]> {
  const { code, stdout, stderr } = await execute('kubectl', ['kustomize', resolve(root, folder)]);
  if (code !== 0) throw new Error(stderr);
  return parsed(stdout);
}

/** The objects that are installed, without those of `helm test`. */
export function installed(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.filter((manifest) => !isHook(manifest));
}

export function isHook({ metadata }: Manifest): boolean {
  const annotations = (metadata as { annotations?: Record<string, string> }).annotations;
  return annotations?.['helm.sh/hook'] !== undefined;
}

/** The one object of this kind. */
export function only(manifests: readonly Manifest[], kind: string): Manifest {
  const [first, ...more] = manifests.filter((manifest) => manifest.kind === kind);
  if (!first || more.length > 0)
    throw new Error(`${first ? 1 + more.length : 0} objects of the kind ${kind}`);
  return first;
}

function parsed(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => {
      const problem = document.errors[0] ?? document.warnings[0];
      if (problem) throw problem;
      return document.toJS() as Manifest | null;
    })
    .filter((manifest) => manifest !== null);
}

/** Neither the cluster nor the plugins of the user are looked at. */
const nowhere = { PATH: process.env.PATH, HOME: '/nonexistent', KUBECONFIG: '/nonexistent' };

export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
}

/** Runs helm or kubectl. Never rejects. */
export function execute(
  program: 'helm' | 'kubectl',
  args: readonly string[],
  { env = nowhere, cwd = root, input = '' }: Surroundings = {},
): Promise<Ran> {
  const path = programs?.[program] ?? program;
  return new Promise((resolve) => {
    const options = { env, cwd, timeout: 60_000, maxBuffer: 2 ** 24 };
    const child = execFile(path, args, options, (error, stdout, stderr) =>
      resolve({ code: error ? 1 : 0, stdout, stderr: error && !stderr ? error.message : stderr }),
    );
    // A program that reads nothing may have ended already.
    child.stdin?.on('error', () => undefined).end(input);
  });
}
