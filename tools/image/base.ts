import { hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Blobs, type Descriptor, mediaTypes } from './blobs.ts';
import { unpackDebian } from './debian.ts';
import { type Layer, writeLayer } from './layer.ts';
import { unpackNode } from './node.ts';
import type { Packages } from './packages.ts';
import type { Architecture } from './platforms.ts';

/** What an image begins with. */
export interface Base {
  readonly layers: readonly Descriptor[];
  readonly diffIds: readonly string[];
  /** `KEY=value` */
  readonly env: readonly string[];
  readonly history: readonly unknown[];
  /** Whether it is the base that the Dockerfile pins. */
  readonly isPinned: boolean;
}

/** Makes a base of a few packages of Debian and of Node. Nothing in it can be run but Node: there is no shell. */
export async function makeBase(
  packages: Packages,
  architecture: Architecture,
  work: string,
  blobs: Blobs,
): Promise<Base> {
  const layers: Layer[] = [];
  for (const [name, unpack] of [
    ['Debian', unpackDebian],
    ['Node', unpackNode],
  ] as const) {
    const tree = join(work, name);
    await mkdir(tree, { recursive: true });
    await unpack(packages, architecture, tree);
    layers.push(await writeLayer(blobs, tree, name));
  }
  return {
    layers: layers.map(({ descriptor }) => descriptor),
    diffIds: layers.map(({ diffId }) => diffId),
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    history: layers.map(({ made }) => ({
      created: '1970-01-01T00:00:00Z',
      created_by: `npm run image: ${made}`,
    })),
    isPinned: false,
  };
}

interface Listed extends Descriptor {
  readonly platform?: { readonly os: string; readonly architecture: string };
}

/**
 * Copies the layers of a base image from an OCI layout, as `skopeo copy --all --preserve-digests` writes it.
 *
 * @param digest of the index that the Dockerfile pins
 * @throws if the layout does not have exactly this index, or if any of its bytes differ from their digest. It does not look at
 *   what the layers hold.
 */
export async function copyBase(
  layout: string,
  digest: string,
  architecture: Architecture,
  blobs: Blobs,
): Promise<Base> {
  const read = (from: string) => readJson(layout, from);
  const index = (await read(digest)) as { manifests: readonly Listed[] };
  const listed = index.manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  );
  if (!listed) throw new Error(`${digest} has no image for linux/${architecture}`);
  const manifest = (await read(listed.digest)) as { config: Descriptor; layers: readonly Descriptor[] };
  const config = (await read(manifest.config.digest)) as {
    config?: { Env?: readonly string[] };
    rootfs: { diff_ids: readonly string[] };
    history?: readonly unknown[];
  };
  for (const { mediaType, digest: expected } of manifest.layers) {
    if (mediaType !== mediaTypes.layer)
      throw new Error(`a layer of the base is ${mediaType}, and not ${mediaTypes.layer}`);
    const copied = await blobs.add(createReadStream(pathOf(layout, expected)), mediaType);
    if (copied.digest !== expected) throw new Error(`${layout}: ${expected} has other bytes`);
  }
  return {
    layers: manifest.layers,
    diffIds: config.rootfs.diff_ids,
    env: config.config?.Env ?? [],
    history: config.history ?? [],
    isPinned: true,
  };
}

function pathOf(layout: string, digest: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`${layout}: ${digest} is no digest`);
  return join(layout, 'blobs', digest.replace(':', '/'));
}

async function readJson(layout: string, digest: string): Promise<unknown> {
  const bytes = await readFile(pathOf(layout, digest)).catch(() => {
    throw new Error(`${layout} does not have ${digest}`);
  });
  if (`sha256:${hash('sha256', bytes)}` !== digest) throw new Error(`${layout}: ${digest} has other bytes`);
  return JSON.parse(bytes.toString('utf8'));
}
