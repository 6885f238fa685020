import { readFileSync } from 'node:fs';
import test from 'ava';
import { type Descriptor, mediaTypes } from '../../tools/image/blobs.ts';
import { imageConfig } from '../../tools/image/config.ts';
import { finalStage } from '../../tools/image/dockerfile.ts';

const stage = finalStage(readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8'));
const descriptor: Descriptor = { mediaType: mediaTypes.layer, digest: 'sha256:b', size: 1 };
const application = { descriptor, diffId: 'sha256:b', made: 'Peerproof' };
const about = { architecture: 'amd64', created: '2026-11-27T00:00:00Z' } as const;
const base = { layers: [], diffIds: ['sha256:a'], env: ['PATH=/bin'], history: [{}] };
const label = 'org.opencontainers.image.base.digest';

test('image configuration – on the pinned base, the label names it, and its environment and layers come first', (t) => {
  const { config, rootfs, history, ...rest } = imageConfig(
    stage,
    { ...base, isPinned: true },
    application,
    about,
  );
  t.is(config.Labels[label], stage.base.digest);
  t.deepEqual(config.Env, ['PATH=/bin', 'NODE_ENV=production']);
  t.deepEqual(rootfs.diff_ids, ['sha256:a', 'sha256:b']);
  t.is(history.length, 2);
  t.deepEqual(rest, { ...about, os: 'linux' });
});

test('image configuration – on another base no label names the pinned one, and no label is empty', (t) => {
  const { config } = imageConfig(stage, { ...base, isPinned: false }, application, about);
  t.false(label in config.Labels);
  t.false(Object.values(config.Labels).includes(''));
});
