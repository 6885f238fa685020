import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Base } from './base.ts';
import { type Blobs, type Descriptor, mediaTypes } from './blobs.ts';
import { imageConfig } from './config.ts';
import type { FinalStage } from './dockerfile.ts';
import type { Layer } from './layer.ts';
import type { Architecture } from './platforms.ts';

export interface Image {
  readonly architecture: Architecture;
  readonly manifest: Descriptor;
  /** What a machine downloads that has none of the layers. */
  readonly bytes: number;
}

/** Adds the image for one kind of processor: what is below, and the application on top. */
export async function addImage(
  blobs: Blobs,
  stage: FinalStage,
  below: Base,
  application: Layer,
  about: { readonly architecture: Architecture; readonly created: string },
): Promise<Image> {
  const config = imageConfig(stage, below, application, about);
  const layers = [...below.layers, application.descriptor];
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await blobs.addJson(config, mediaTypes.config),
    layers,
    annotations: { 'org.opencontainers.image.created': about.created, ...config.config.Labels },
  };
  return {
    architecture: about.architecture,
    manifest: await blobs.addJson(manifest, mediaTypes.manifest),
    bytes: layers.reduce((sum, { size }) => sum + size, 0),
  };
}

export interface Referrer extends Descriptor {
  readonly artifactType: string;
}

/** Adds a document that says something about an image (OCI 1.1: a manifest with `subject`). */
export async function addReferrer(
  blobs: Blobs,
  subject: Descriptor,
  artifactType: string,
  document: unknown,
): Promise<Referrer> {
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config: await blobs.addJson({}, mediaTypes.empty),
    layers: [await blobs.addJson(document, artifactType)],
    subject,
  };
  return { ...(await blobs.addJson(manifest, mediaTypes.manifest)), artifactType };
}

/** Writes the files that make a layout of the blobs. The tag is the version. @returns the digest of the index of all images */
export async function writeIndex(
  layout: string,
  blobs: Blobs,
  version: string,
  images: readonly Image[],
  referrers: readonly Referrer[],
): Promise<string> {
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: images.map(({ architecture, manifest }) => ({
      ...manifest,
      platform: { os: 'linux', architecture },
    })),
  };
  const listed = await blobs.addJson(index, mediaTypes.index);
  const tagged = { ...listed, annotations: { 'org.opencontainers.image.ref.name': version } };
  const top = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [tagged, ...referrers] };
  await writeFile(join(layout, 'index.json'), JSON.stringify(top));
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return listed.digest;
}
