import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApplication, checkOut } from './application.ts';
import { copyBase, makeBase } from './base.ts';
import { openBlobs } from './blobs.ts';
import { finalStage } from './dockerfile.ts';
import { execute } from './execute.ts';
import { writeLayer } from './layer.ts';
import { addImage, addReferrer, type Image, writeIndex } from './layout.ts';
import { type Packages, readPackages } from './packages.ts';
import type { Architecture } from './platforms.ts';
import { PROVENANCE, provenanceOf, SBOM, sbomOf } from './statements.ts';

export interface Order {
  /** The repository. Its last commit is built, and nothing that is not committed. */
  readonly top: string;
  /** The folder of the OCI layout, which must be empty or missing. */
  readonly layout: string;
  readonly architectures: readonly Architecture[];
  /** A layout with the base of the Dockerfile. Without it, the base is made of packages. */
  readonly base?: string | undefined;
  /** Where the code can be read, for the label. */
  readonly source: string;
  /** In place of those that the commit pins. */
  readonly packages?: Packages | undefined;
}

export interface Built {
  readonly version: string;
  readonly revision: string;
  /** Of the index that has all images. */
  readonly digest: string;
  readonly images: readonly Image[];
}

/**
 * Builds the image of a commit into an OCI layout, with the rights of any user and without an engine. The same commit gives the
 * same digests. Each image has a list of its parts and a statement of its origin, which refer to it.
 */
export async function buildImage(order: Order): Promise<Built> {
  await mkdir(order.layout, { recursive: true });
  if (readdirSync(order.layout).length > 0) throw new Error(`${order.layout} is not empty`);
  const work = mkdtempSync(join(tmpdir(), 'peerproof-image-'));
  try {
    return await buildIn(work, order);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function buildIn(
  work: string,
  { top, layout, architectures, source, ...order }: Order,
): Promise<Built> {
  const { revision, created } = await lastCommit(top);
  const checkout = join(work, 'checkout');
  await checkOut(top, checkout);
  const read = (path: string) => readFileSync(join(checkout, path), 'utf8');
  const stage = finalStage(read('Dockerfile'), { SOURCE: source, REVISION: revision });
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const packages = order.packages ?? readPackages(checkout);
  const base = order.base === undefined ? undefined : { ...stage.base, layout: order.base };

  const blobs = await openBlobs(layout);
  const tree = join(work, 'application');
  await buildApplication(stage, checkout, join(top, 'node_modules'), tree);
  const application = await writeLayer(blobs, tree, 'Peerproof');
  const parts = JSON.parse(read('dist/sbom.cdx.json'));
  const images: Image[] = [];
  for (const architecture of architectures) {
    const below = base
      ? await copyBase(base.layout, base.digest, architecture, blobs)
      : await makeBase(packages, architecture, join(work, architecture), blobs);
    images.push(await addImage(blobs, stage, below, application, { architecture, created }));
  }
  const referrers = await Promise.all(
    images.flatMap(({ architecture, manifest }) => {
      const origin = { source, revision, version, architecture, packages, base };
      return [
        addReferrer(blobs, manifest, SBOM, sbomOf(parts, origin)),
        addReferrer(blobs, manifest, PROVENANCE, provenanceOf(manifest.digest, origin)),
      ];
    }),
  );
  return { version, revision, images, digest: await writeIndex(layout, blobs, version, images, referrers) };
}

/** SOURCE_DATE_EPOCH is the time of the image, if it is set (reproducible-builds.org). */
async function lastCommit(top: string): Promise<{ revision: string; created: string }> {
  const shown = await execute('git', ['-C', top, 'log', '-1', '--format=%H %ct']);
  const [revision = '', seconds] = shown.trim().split(' ');
  const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? seconds);
  return { revision, created: new Date(epoch * 1_000).toISOString().replace('.000Z', 'Z') };
}
