import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DependencyError } from '../../src/core/denial.ts';
import { createBundles } from '../../src/serve/trust-bundles.ts';
import { FileBundle } from '../../src/sources/trust-bundle-file.ts';
import { createCa } from '../support/ca.ts';
import { waitFor } from '../support/wait.ts';

const [one, two] = [await createCa({ name: 'O=one' }), await createCa({ name: 'O=two' })];
const leaf = await one.issue({ subject: 'CN=leaf' });
const foreign = await createCa({ name: 'O=foreign', uris: ['spiffe://partner.example'] });
const { publicKey: weakKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const weak = await createCa({ name: 'O=weak', publicKey: weakKey });

/** A bundle file in a directory of its own; started only where `now` says so, and looked at once more by `look`. */
function world(t: ExecutionContext, content?: string) {
  const directory = mkdtempSync(join(tmpdir(), 'peerproof-bundle-'));
  const path = join(directory, 'bundle.pem');
  if (content !== undefined) writeFileSync(path, content);
  const reports: (string | undefined)[] = [];
  const clock = { now: 1_000_000 };
  const bundle = new FileBundle({
    trustDomain: 'cluster.local',
    path,
    clock: () => clock.now,
    report: (failure) => reports.push(failure),
  });
  t.teardown(() => {
    bundle.stop();
    rmSync(directory, { recursive: true });
  });
  return { directory, path, bundle, reports, clock, look: () => bundle.start() };
}

/** Which authorities a bundle has, by their names. */
function names(bundle: FileBundle): string {
  return bundle
    .current()
    .list.map(({ x509 }) => x509.subject)
    .join();
}

test('bundle file – is there after start, with age and counts', async (t) => {
  const { bundle, clock, reports, look } = world(t, one.certPem + two.certPem);
  const error = t.throws(() => bundle.current(), { instanceOf: DependencyError });
  t.is(error.reason, 'bundle_unavailable');
  await look();
  t.is(names(bundle), 'O=one,O=two');
  clock.now += 42_000;
  t.is(bundle.state().validities.length, 2);
  t.like(bundle.state(), {
    trustDomain: 'cluster.local',
    authorities: 2,
    age: 42,
    fetches: 1,
    failures: 0,
    failure: undefined,
  });
  t.deepEqual(reports, [undefined]);
});

test('bundle file – one that does not change is not read again', async (t) => {
  const { bundle, reports, look } = world(t, one.certPem);
  await look();
  const authorities = bundle.current();
  for (let n = 0; n < 5; n++) await look();
  t.is(bundle.current(), authorities);
  t.is(bundle.state().fetches, 1);
  t.deepEqual(reports, [undefined]);
});

test('bundle file – written anew with the same authorities, what was proven stays known', async (t) => {
  const { bundle, path, look } = world(t, one.certPem);
  await look();
  const authorities = bundle.current();
  writeFileSync(path, `# again\n${one.certPem}`);
  await look();
  t.is(bundle.state().fetches, 2);
  t.is(bundle.current(), authorities);
});

test('bundle file – in another order, what was proven stays known: the kubelet shuffles the certificates', async (t) => {
  const { bundle, path, look } = world(t, one.certPem + two.certPem);
  await look();
  const authorities = bundle.current();
  writeFileSync(path, two.certPem + one.certPem);
  await look();
  t.is(bundle.state().fetches, 2);
  t.is(bundle.current(), authorities);
  writeFileSync(path, two.certPem);
  await look();
  t.is(names(bundle), 'O=two');
});

for (const [how, change] of [
  ['written in place', (path: string) => writeFileSync(path, two.certPem)],
  [
    'put in its place',
    (path: string) => {
      writeFileSync(`${path}.new`, two.certPem);
      renameSync(`${path}.new`, path);
    },
  ],
] as const)
  test(`bundle file – another content counts at the next look, ${how}`, async (t) => {
    const { bundle, path, look } = world(t, one.certPem);
    await look();
    change(path);
    t.is(names(bundle), 'O=one');
    await look();
    t.is(names(bundle), 'O=two');
  });

test('bundle file – in a volume of Kubernetes, whose symlink turns', async (t) => {
  const { directory, path, bundle, look } = world(t);
  const at = (name: string) => join(directory, name);
  for (const [version, { certPem }] of [
    ['..v1', one],
    ['..v2', two],
  ] as const) {
    mkdirSync(at(version));
    writeFileSync(join(at(version), 'bundle.pem'), certPem);
  }
  symlinkSync('..v1', at('..data'));
  symlinkSync(join('..data', 'bundle.pem'), path);
  await look();
  t.is(names(bundle), 'O=one');
  symlinkSync('..v2', at('..data_tmp'));
  renameSync(at('..data_tmp'), at('..data'));
  rmSync(at('..v1'), { recursive: true });
  await look();
  t.is(names(bundle), 'O=two');
  t.is(bundle.state().failure, undefined);
});

for (const [what, content, why] of [
  ['half a certificate', one.certPem.slice(0, 300), /a broken PEM block/],
  ['nothing', '', /no certificate in PEM/],
  ['a key', two.keyPem, /holds a PRIVATE KEY/],
  ['a key behind an authority', two.certPem + two.keyPem, /holds a PRIVATE KEY/],
  ['a certificate that is not a CA', two.certPem + leaf.certPem, /"CN=leaf" is not a CA/],
  [
    'an authority of another trust domain',
    two.certPem + foreign.certPem,
    /"O=foreign" is an authority of another/,
  ],
  ['an authority with a weak key', two.certPem + weak.certPem, /"O=weak" has a key that is too weak/],
  ['garbage', 'not a bundle at all', /no certificate in PEM/],
  ['a keystore of Java', '\u{feed}\u{feed}\0\0\0\u0002', /no certificate in PEM/],
  ['150 certificates', two.certPem.repeat(150), /more than 100 certificates/],
  ['1,000 certificates', two.certPem.repeat(1_000), /longer than 262144 characters/],
  ['100,000 certificates', two.certPem.repeat(100_000), /larger than 1048576 bytes/],
  ['JSON of another kind', '{"keys":[]}', /no usable X.509 authority/],
  ['2 MB', `${two.certPem}${'\n'.repeat(2_000_000)}`, /larger than 1048576 bytes/],
] as const)
  test(`bundle file – ${what} leaves the authorities as they are, and is said once`, async (t) => {
    const { bundle, path, reports, look } = world(t, one.certPem);
    await look();
    const authorities = bundle.current();
    writeFileSync(path, content);
    for (let n = 0; n < 3; n++) await look();
    t.is(bundle.current(), authorities);
    t.regex(bundle.state().failure ?? '', why);
    t.like(bundle.state(), { fetches: 2, failures: 1, authorities: 1 });
    t.is(reports.length, 2);
    writeFileSync(path, two.certPem);
    await look();
    t.is(names(bundle), 'O=two');
    t.is(bundle.state().failure, undefined);
    t.is(reports.at(-1), undefined);
  });

test('bundle file – one that is gone leaves the authorities, and counts again when it is back', async (t) => {
  const { bundle, path, reports, look } = world(t, one.certPem);
  await look();
  unlinkSync(path);
  for (let n = 0; n < 3; n++) await look();
  t.is(names(bundle), 'O=one');
  t.deepEqual(reports, [undefined, `${path} cannot be read (ENOENT): there is no such file or folder`]);
  writeFileSync(path, one.certPem);
  await look();
  t.deepEqual(reports, [
    undefined,
    `${path} cannot be read (ENOENT): there is no such file or folder`,
    undefined,
  ]);
});

test('bundle file – one that was never there is an outage, until it comes', async (t) => {
  const { bundle, path, look } = world(t);
  await look();
  const error = t.throws(() => bundle.current(), { instanceOf: DependencyError });
  t.is(error.reason, 'bundle_unavailable');
  t.regex(error.message, /the bundle of cluster.local was never read: .*ENOENT/);
  writeFileSync(path, one.certPem);
  await look();
  t.is(names(bundle), 'O=one');
});

test('bundle file – a directory is not accepted as a file', async (t) => {
  const { directory } = world(t);
  const bundle = new FileBundle({ trustDomain: 'x', path: directory, clock: Date.now, report: () => {} });
  t.teardown(() => bundle.stop());
  await bundle.start();
  t.regex(bundle.state().failure ?? '', /not a regular file/);
});

test('bundle file – is looked at by itself, once a second, and no more after stop', async (t) => {
  const { bundle, path, look } = world(t, one.certPem);
  await look();
  // Four looks have three pauses between them, however late a busy machine shows them.
  const began = performance.now();
  for (const name of ['two', 'one', 'two', 'one'] as const) {
    writeFileSync(path, { one, two }[name].certPem);
    await waitFor('the next look', 5_000, () => names(bundle) === `O=${name}`);
  }
  t.true(performance.now() - began > 2_900, 'it looks too often');
  writeFileSync(path, two.certPem);
  await look();
  bundle.stop();
  writeFileSync(path, one.certPem);
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  t.is(names(bundle), 'O=two');
});

test('bundle file – many looks at once are one', async (t) => {
  const { bundle, look } = world(t, one.certPem);
  await Promise.all(Array.from({ length: 20 }, look));
  t.is(bundle.state().fetches, 1);
});

test('bundle – a trust domain has a file, where the configuration says, or none', async (t) => {
  const { directory } = world(t, one.certPem);
  const reports: unknown[] = [];
  const common = { timeout: 1_000, keep: 1_000, allowInsecureHttp: false };
  const bundles = createBundles(
    { 'cluster.local': { ...common, bundle: 'bundle.pem' }, 'plain.example': common, 'null.example': null },
    {
      files: new Map(),
      resolve: (path) => join(directory, path),
      clock: () => 0,
      report: (...said) => reports.push(said),
    },
  );
  t.deepEqual([...bundles.keys()], ['cluster.local']);
  const bundle = bundles.get('cluster.local') as unknown as FileBundle;
  await bundle.start();
  bundle.stop();
  t.is(names(bundle), 'O=one');
  t.deepEqual(reports, [['cluster.local', undefined]]);
  t.is(createBundles(undefined, {} as never).size, 0);
});
