import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Index {
  readonly manifests: readonly Descriptor[];
}

export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
}

export interface Config {
  readonly created: string;
  readonly architecture: string;
  readonly config: Readonly<Record<string, unknown>> & {
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly WorkingDir: string;
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Reads a layout again, without the code that wrote it. @throws if a blob does not have its digest or its size */
export function openLayout(layout: string) {
  const blob = ({ digest, size }: Descriptor): Buffer => {
    const bytes = readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
    if (sha256(bytes) !== digest || bytes.length !== size) throw new Error(`${digest} is not what it says`);
    return bytes;
  };
  const json = <T>(descriptor: Descriptor): T => JSON.parse(blob(descriptor).toString('utf8')) as T;
  const top = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as Index;
  const [tagged] = top.manifests;
  if (!tagged) throw new Error('index.json names nothing');
  const images = json<Index>(tagged).manifests;
  const imageFor = (architecture: string) => {
    const descriptor = images.find(({ platform }) => platform?.architecture === architecture);
    if (!descriptor) throw new Error(`no image for ${architecture}`);
    const manifest = json<Manifest>(descriptor);
    return { descriptor, manifest, config: json<Config>(manifest.config) };
  };
  return { tagged, referrers: top.manifests.slice(1), images, imageFor, blob, json };
}

export type Layout = ReturnType<typeof openLayout>;

/** The names of all blobs that no descriptor leads to. */
export function lostBlobs(layout: string): string[] {
  const { tagged, referrers, images, json } = openLayout(layout);
  const manifests = [...images, ...referrers];
  const parts = manifests.flatMap((one) => {
    const { config, layers } = json<Manifest>(one);
    return [config, ...layers];
  });
  const reached = new Set(
    [tagged, ...manifests, ...parts].map(({ digest }) => digest.replace('sha256:', '')),
  );
  return readdirSync(join(layout, 'blobs/sha256')).filter((name) => !reached.has(name));
}

/**
 * Unpacks the layers of an image one over the other, as an engine does.
 *
 * @returns the folder, and each line that tar prints about an entry
 * @throws if an unpacked layer does not have its digest
 */
export function unpack(layout: Layout, architecture: string): { folder: string; entries: readonly string[] } {
  const { manifest, config } = layout.imageFor(architecture);
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-unpacked-'));
  const entries: string[] = [];
  for (const [index, layer] of manifest.layers.entries()) {
    const input = gunzipSync(layout.blob(layer));
    if (sha256(input) !== config.rootfs.diff_ids[index])
      throw new Error(`layer ${index} is not what it says`);
    const tar = (...args: string[]) =>
      String(execFileSync('tar', [...args, '--file=-'], { input, maxBuffer: 2 ** 26, cwd: folder }));
    entries.push(...tar('--list', '--verbose', '--numeric-owner').trimEnd().split('\n'));
    tar('--extract', '--no-same-owner');
    removeWhiteouts(folder, tar('--list').trimEnd().split('\n'));
  }
  // Where an engine mounts the configuration.
  mkdirSync(join(folder, 'etc/peerproof'));
  return { folder, entries };
}

/** A layer takes away a file of those below by one that is called like it, with `.wh.` before the name. */
function removeWhiteouts(folder: string, names: readonly string[]): void {
  for (const name of names.filter((one) => basename(one).startsWith('.wh.'))) {
    rmSync(join(folder, name));
    rmSync(join(folder, dirname(name), basename(name).slice(4)), { recursive: true, force: true });
  }
}
