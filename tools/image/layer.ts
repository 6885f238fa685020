import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Blobs, type Descriptor, mediaTypes } from './blobs.ts';

export interface Layer {
  readonly descriptor: Descriptor;
  /** The digest of the layer before it was compressed. */
  readonly diffId: string;
  /** What it holds, for the history of the image. */
  readonly made: string;
}

/**
 * Packs a folder as a layer. Only names, bytes, links and whether a file can be run make a difference: everything belongs to
 * root, can be read by all, was changed in 1970, and has no setuid bit. So nothing in an image can be written by its user.
 * `gzip` packs equal bytes equally on every processor, unlike the zlib of Node.
 */
export async function writeLayer(blobs: Blobs, tree: string, made: string): Promise<Layer> {
  const tar = start('tar', [...tarOptions, '--directory', tree, ...readdirSync(tree).sort()]);
  const gzip = start('gzip', ['--no-name', '--stdout']);
  const plain = createHash('sha256');
  const through = new PassThrough().on('data', (bytes) => plain.update(bytes));
  const [descriptor] = await Promise.all([
    blobs.add(gzip.output, mediaTypes.layer),
    pipeline(tar.output, through, gzip.input),
    tar.ended,
    gzip.ended,
  ]);
  return { descriptor, diffId: `sha256:${plain.digest('hex')}`, made };
}

/** As reproducible-builds.org recommends it. */
const tarOptions = [
  '--create',
  '--format=posix',
  '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime',
  '--sort=name',
  '--mtime=@0',
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  '--mode=a-st,u=rwX,go=rX',
  '--hard-dereference',
];

interface Started {
  readonly input: Writable;
  readonly output: Readable;
  readonly ended: Promise<void>;
}

function start(program: string, args: readonly string[]): Started {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`)),
    );
  });
  return { input: child.stdin, output: child.stdout, ended };
}
