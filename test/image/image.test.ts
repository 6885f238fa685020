import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { finalStage } from '../../tools/image/dockerfile.ts';
import { findProgram } from '../support/debian-binary.ts';
import { hasProgram } from '../support/debian-test.ts';
import { build, canBuild, imageTest } from './build.ts';
import { type Layout, lostBlobs, type Manifest, openLayout, unpack } from './layout.ts';
import { runTest } from './sandbox.ts';
import { serve } from './serve.ts';

// The images are those of the last commit, as always. What is not committed is not tested here.
const top = fileURLToPath(new URL('../..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'peerproof-image-test-'));
const path = join(work, 'layout');
const source = 'https://code.test/peerproof';
let layout: Layout;
let root: string;
let entries: readonly string[];

// Asked before any test is declared.
const readTest = canBuild && (await hasProgram('skopeo')) ? imageTest : test.skip;

test.before(async (t) => {
  if (!canBuild) return;
  t.timeout(400_000);
  const built = await build({ top, layout: path, architectures: ['amd64', 'arm64'], source });
  layout = openLayout(path);
  for (const { architecture, bytes } of built.images)
    t.log(`linux/${architecture}: ${(bytes / 2 ** 20).toFixed(1)} MiB compressed`);
  ({ folder: root, entries } = unpack(layout, native));
});

test.after.always(() => {
  for (const folder of [work, root ?? work]) rmSync(folder, { recursive: true, force: true });
});

const native = process.arch === 'arm64' ? 'arm64' : 'amd64';

imageTest('image – a clone in another place gives the same digest', async (t) => {
  t.timeout(400_000);
  const clone = join(work, 'clone');
  execFileSync('git', ['clone', '--quiet', top, clone]);
  symlinkSync(join(top, 'node_modules'), join(clone, 'node_modules'));
  const again = await build({ top: clone, layout: join(work, 'again'), architectures: [native], source });
  t.is(again.images[0]?.manifest.digest, layout.imageFor(native).descriptor.digest);
});

imageTest('image – the layout has one tag, an image for each kind of processor, and nothing else', (t) => {
  t.is(readFileSync(join(path, 'oci-layout'), 'utf8'), '{"imageLayoutVersion":"1.0.0"}');
  t.deepEqual(lostBlobs(path), []);
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
  t.deepEqual(layout.tagged.annotations, { 'org.opencontainers.image.ref.name': version });
  t.deepEqual(
    layout.images.map(({ platform }) => platform),
    [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ],
  );
});

readTest('image – another program reads the layout', async (t) => {
  const { path: skopeo = '', env = {} } = (await findProgram('skopeo')) ?? {};
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
  const args = [
    '--insecure-policy',
    'copy',
    '--quiet',
    '--all',
    `oci:${path}:${version}`,
    `dir:${work}/copied`,
  ];
  execFileSync(skopeo, args, { env: { ...process.env, ...env } });
  const { digest } = layout.tagged;
  t.is(
    `sha256:${
      execFileSync('sha256sum', [`${work}/copied/manifest.json`])
        .toString()
        .split(' ')[0]
    }`,
    digest,
  );
});

imageTest('image – user, ports, command and labels are those of the Dockerfile', (t) => {
  const REVISION = execFileSync('git', ['-C', top, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  const dockerfile = execFileSync('git', ['-C', top, 'show', 'HEAD:Dockerfile'], { encoding: 'utf8' });
  const stage = finalStage(dockerfile, { SOURCE: source, REVISION });
  for (const architecture of ['amd64', 'arm64']) {
    const { config, manifest } = layout.imageFor(architecture);
    t.is(config.architecture, architecture);
    const { Labels, Env, ...rest } = config.config;
    t.deepEqual(rest, {
      User: stage.user,
      ExposedPorts: Object.fromEntries(stage.ports.map((port) => [`${port}/tcp`, {}])),
      Entrypoint: stage.entryPoint,
      Cmd: stage.command,
      WorkingDir: stage.folder,
    });
    const { 'org.opencontainers.image.base.digest': _, ...labels } = stage.labels;
    t.deepEqual(Labels, labels, 'the base is another one');
    t.deepEqual(Env.slice(1), ['NODE_ENV=production'], 'the compiled modules are left out');
    t.is(manifest.layers.length, config.rootfs.diff_ids.length);
  }
});

imageTest('image – all files belong to root, nobody else can write one, and none changes the user', (t) => {
  // The letters of a link do not count.
  for (const line of entries) t.regex(line, /^(?:[-dh]r[w-][x-]r-[x-]r-[x-]|l\S{9}) 0\/0 /);
  t.true(entries.length > 1_000);
});

imageTest(
  'image – nothing can be run but Node, and no part of the repository is there but the product',
  (t) => {
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    const runnable = files.filter((name) => {
      const found = statSync(join(root, name), { throwIfNoEntry: false });
      return !name.startsWith('app/') && found?.isFile() && (found.mode & 0o111) !== 0;
    });
    const libraries = runnable.filter((name) => /^lib(64)?\/.*(ld-linux|libc\.so)/.test(name));
    t.deepEqual(
      runnable.filter((name) => !libraries.includes(name)),
      ['usr/local/bin/node'],
    );
    t.deepEqual(
      readdirSync(join(root, 'app')).sort(),
      [
        ...new Set(
          finalStage(readFileSync(join(top, 'Dockerfile'), 'utf8')).copies.map(({ to, from }) =>
            to === './' ? from : to,
          ),
        ),
      ]
        .filter((name) => name !== '/compiled')
        .sort(),
    );
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'app/package.json'), 'utf8'));
    const { packages } = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8'));
    // Some are a dependency of another package too.
    const onlyForUs = Object.keys(devDependencies).filter((name) => packages[`node_modules/${name}`].dev);
    t.true(onlyForUs.length > 10);
    for (const name of onlyForUs) t.false(files.includes(`app/node_modules/${name}/package.json`), name);
    t.false(
      files.some((name) => name.endsWith('.package-lock.json')),
      'it would name a registry',
    );
  },
);

imageTest('image – a list of its parts and a statement of its origin refer to each image', (t) => {
  for (const architecture of ['amd64', 'arm64']) {
    const { descriptor } = layout.imageFor(architecture);
    const about = layout.referrers.filter(
      (one) => layout.json<Manifest>(one).subject?.digest === descriptor.digest,
    );
    t.deepEqual(
      about.map(({ artifactType }) => artifactType),
      ['application/vnd.cyclonedx+json', 'application/vnd.in-toto+json'],
    );
    const [parts, origin] = about.map((one) => {
      const [document] = layout.json<Manifest>(one).layers;
      // biome-ignore lint/suspicious/noExplicitAny: tests read single members of a deep document
      return document && layout.json<any>(document);
    });
    const names = parts.components.map(({ name }: { name: string }) => name);
    for (const name of ['libc6', 'libstdc++6', 'node', 'zod']) t.true(names.includes(name), name);
    t.is(new Set(parts.components.map((one: { 'bom-ref': string }) => one['bom-ref'])).size, names.length);
    t.is(`sha256:${origin.subject[0].digest.sha256}`, descriptor.digest);
    const [commit, ...rest] = origin.predicate.buildDefinition.resolvedDependencies;
    t.is(commit.uri, `git+${source}`);
    t.true(rest.length >= 7);
  }
});

imageTest('image – the files for another kind of processor are for that one', (t) => {
  const [, node] = layout.imageFor('arm64').manifest.layers;
  const archive = node ? layout.blob(node) : Buffer.alloc(0);
  const args = ['--extract', '--gzip', '--to-stdout', '--file=-', 'usr/local/bin/node'];
  const bytes = execFileSync('tar', args, { input: archive, maxBuffer: 2 ** 28 });
  // e_machine of an ELF file: AArch64.
  t.is(bytes.readUInt16LE(18), 183);
});

runTest(
  'image – answers checks as user 1000 from files that it can only read, and ends by SIGTERM',
  async (t) => {
    t.regex(await serve(t, root, layout.imageFor(native).config), /^\S*node .*--disable-sigusr1 /);
  },
);

runTest('image – on one processor it becomes a new Node as process 1, and ends by SIGTERM too', async (t) => {
  const command = await serve(t, root, layout.imageFor(native).config, { before: ['taskset', '-c', '0'] });
  t.regex(command, /^\S*node --single-threaded --disable-sigusr1 /);
});

runTest(
  'image – other processes of it need no file either: workers, and the reader of a long configuration',
  async (t) => {
    t.regex(
      await serve(t, root, layout.imageFor(native).config, { after: ['--workers', '2'], others: 4_000 }),
      /--workers 2 $/,
    );
  },
);
