import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { copyBase } from '../../tools/image/base.ts';
import { mediaTypes, openBlobs } from '../../tools/image/blobs.ts';

/** A layout as skopeo writes it, with an image of one layer for amd64. */
function madeLayout(t: ExecutionContext, layerType: string = mediaTypes.layer) {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-base-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'from/blobs/sha256'), { recursive: true });
  const put = (content: unknown, mediaType: string) => {
    const bytes = typeof content === 'string' ? content : JSON.stringify(content);
    const hex = hash('sha256', bytes);
    writeFileSync(join(folder, 'from/blobs/sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const layer = put('layer', layerType);
  const config = put(
    { config: { Env: ['PATH=/bin', 'NODE_VERSION=1'] }, rootfs: { diff_ids: ['sha256:a'] }, history: [{}] },
    mediaTypes.config,
  );
  const manifest = put({ config, layers: [layer] }, mediaTypes.manifest);
  const platform = { os: 'linux', architecture: 'amd64' };
  const index = put({ manifests: [{ ...manifest, platform }] }, mediaTypes.index);
  const blobOf = ({ digest }: { digest: string }) => join(folder, 'from/blobs', digest.replace(':', '/'));
  return { from: join(folder, 'from'), to: join(folder, 'to'), index, manifest, layer, blobOf };
}

test('--base – the layers of the pinned base are copied, with its environment', async (t) => {
  const { from, to, index, layer } = madeLayout(t);
  const base = await copyBase(from, index.digest, 'amd64', await openBlobs(to));
  t.deepEqual(base, {
    layers: [layer],
    diffIds: ['sha256:a'],
    env: ['PATH=/bin', 'NODE_VERSION=1'],
    history: [{}],
    isPinned: true,
  });
  t.deepEqual(readdirSync(join(to, 'blobs/sha256')), [layer.digest.replace('sha256:', '')]);
});

test('--base – another base than the pinned one is refused', async (t) => {
  const { from, to } = madeLayout(t);
  const pinned = `sha256:${'0'.repeat(64)}`;
  await t.throwsAsync(copyBase(from, pinned, 'amd64', await openBlobs(to)), {
    message: `${from} does not have ${pinned}`,
  });
});

for (const part of ['index', 'manifest', 'layer'] as const)
  test(`--base – other bytes in the ${part} are refused`, async (t) => {
    const { from, to, index, blobOf, ...parts } = madeLayout(t);
    writeFileSync(blobOf(part === 'index' ? index : parts[part]), '{"manifests":[]}');
    await t.throwsAsync(copyBase(from, index.digest, 'amd64', await openBlobs(to)), {
      message: /has other bytes/,
    });
  });

test('--base – a base without this kind of processor is refused', async (t) => {
  const { from, to, index } = madeLayout(t);
  await t.throwsAsync(copyBase(from, index.digest, 'arm64', await openBlobs(to)), {
    message: `${index.digest} has no image for linux/arm64`,
  });
});

test('--base – a layer in a form of its own is refused', async (t) => {
  const { from, to, index } = madeLayout(t, 'application/vnd.docker.image.rootfs.diff.tar.gzip');
  await t.throwsAsync(copyBase(from, index.digest, 'amd64', await openBlobs(to)), {
    message: /a layer of the base is/,
  });
});

test('--base – a digest that is a path is refused', async (t) => {
  const { from, to } = madeLayout(t);
  await t.throwsAsync(copyBase(from, 'sha256:../../index', 'amd64', await openBlobs(to)), {
    message: /is no digest/,
  });
});
