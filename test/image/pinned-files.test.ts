import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readPackages } from '../../tools/image/packages.ts';
import { type Pin, pinnedFiles } from '../../tools/image/pinned-files.ts';
import { architectures } from '../../tools/image/platforms.ts';

const cache = mkdtempSync(join(tmpdir(), 'peerproof-pins-'));
process.env.XDG_CACHE_HOME = cache;
test.after.always(() => rmSync(cache, { recursive: true }));

const pinOf = (text: string): Pin => ({ name: 'a package', algorithm: 'sha256', hex: hash('sha256', text) });
const writes = (text: string) => async (_: readonly Pin[], folder: string) =>
  writeFileSync(join(folder, 'any name'), text);

test.serial('pinned files – are fetched once, and found by their hash', async (t) => {
  const [path = ''] = await pinnedFiles([pinOf('right')], writes('right'));
  t.is(readFileSync(path, 'utf8'), 'right');
  t.deepEqual(await pinnedFiles([pinOf('right')], () => Promise.reject(new Error('fetched again'))), [path]);
});

test.serial('pinned files – other bytes are refused, and nothing of them stays', async (t) => {
  await t.throwsAsync(pinnedFiles([pinOf('pinned')], writes('other')), {
    message: 'a package: the file that came does not have the pinned sha256',
  });
  t.deepEqual(
    readdirSync(join(cache, 'peerproof/image')).filter((name) => !name.includes(pinOf('right').hex)),
    [],
  );
});

test.serial('pinned files – a file that changed in the cache is refused', async (t) => {
  const [path = ''] = await pinnedFiles([pinOf('first')], writes('first'));
  writeFileSync(path, 'second');
  await t.throwsAsync(pinnedFiles([pinOf('first')], writes('first')), {
    message: /the file in the cache has changed/,
  });
});

test('pins – the Node of the image is the one that the tests run with', (t) => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  t.is(readPackages('.').node.version, manifest.devDependencies.node);
});

test('pins – each kind of processor has the same packages of Debian, with versions and hashes', (t) => {
  const { debian, node } = readPackages('.');
  const plain = architectures.map((one) => debian[one].map(({ name, version }) => `${name}=${version}`));
  t.deepEqual(plain[0], plain[1]);
  for (const one of architectures) {
    t.regex(node.integrity[one], /^sha512-[\w+/]{86}==$/);
    for (const { sha256 } of debian[one]) t.regex(sha256, /^[0-9a-f]{64}$/);
  }
});
