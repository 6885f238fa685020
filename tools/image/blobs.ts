import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
} as const;

/** How OCI refers to bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The folder blobs/sha256 of an OCI layout. */
export interface Blobs {
  add(content: Readable, mediaType: string): Promise<Descriptor>;
  addJson(value: unknown, mediaType: string): Promise<Descriptor>;
}

/** @param layout the folder of the layout; it is made where it is missing */
export async function openBlobs(layout: string): Promise<Blobs> {
  const folder = join(layout, 'blobs/sha256');
  await mkdir(folder, { recursive: true });
  let started = 0;
  const add = async (content: Readable, mediaType: string) => {
    const partial = join(folder, `partial-${++started}`);
    const hash = createHash('sha256');
    let size = 0;
    const measure = new Transform({
      transform(bytes: Buffer, _encoding, done) {
        hash.update(bytes);
        size += bytes.length;
        done(null, bytes);
      },
    });
    await pipeline(content, measure, createWriteStream(partial));
    const hex = hash.digest('hex');
    await rename(partial, join(folder, hex));
    return { mediaType, digest: `sha256:${hex}`, size };
  };
  return {
    add,
    addJson: (value, mediaType) => add(Readable.from([Buffer.from(JSON.stringify(value))]), mediaType),
  };
}
