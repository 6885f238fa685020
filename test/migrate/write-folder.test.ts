import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { writeFolder } from '../../src/migrate/write-folder.ts';
import { least } from './migrated.ts';

const bin = fileURLToPath(new URL('../../bin/peerproof.js', import.meta.url));

const temporary = mkdtempSync(join(tmpdir(), 'peerproof-write-'));
test.after.always(() => rmSync(temporary, { recursive: true }));

const files = [
  { path: 'a/b.yaml', text: 'new\n' },
  { path: 'c.md', text: '# c\n' },
];
let count = 0;
const place = () => join(temporary, String(++count));
const code = (error: unknown) => (error as NodeJS.ErrnoException).code;

test('writeFolder – fills a new folder, with those above it, and an empty one', (t) => {
  const empty = place();
  mkdirSync(empty);
  for (const folder of [join(place(), 'x/y'), empty]) {
    writeFolder(folder, files);
    t.is(readFileSync(join(folder, 'a/b.yaml'), 'utf8'), 'new\n');
  }
});

test('writeFolder – leaves a folder with a file as it is', (t) => {
  const used = place();
  mkdirSync(used);
  writeFileSync(join(used, '.hidden'), 'old');
  t.throws(() => writeFolder(used, files), { message: /is not empty, and nothing in it is replaced/ });
  t.deepEqual(readdirSync(used), ['.hidden']);
});

test('writeFolder – leaves a file of this name as it is, and what is below a file cannot be made', (t) => {
  const file = place();
  writeFileSync(file, 'old');
  t.is(code(t.throws(() => writeFolder(file, files))), 'EEXIST');
  t.is(code(t.throws(() => writeFolder(join(file, 'x'), files))), 'ENOTDIR');
  t.is(readFileSync(file, 'utf8'), 'old');
});

test('writeFolder – follows a link to an empty folder, and refuses a link to nothing or to a used folder', (t) => {
  const [empty, used, link] = [place(), place(), place()];
  mkdirSync(empty);
  symlinkSync(empty, link);
  writeFolder(link, files);
  t.true(existsSync(join(empty, 'c.md')));
  const toUsed = place();
  mkdirSync(used);
  writeFileSync(join(used, 'mine'), 'old');
  symlinkSync(used, toUsed);
  t.throws(() => writeFolder(toUsed, files), { message: /is not empty/ });
  t.deepEqual(readdirSync(used), ['mine']);
  const dangling = place();
  symlinkSync(join(temporary, 'nowhere'), dangling);
  t.is(code(t.throws(() => writeFolder(dangling, files))), 'EEXIST');
  t.false(existsSync(join(temporary, 'nowhere')));
});

test('writeFolder – below /proc it ends with an error', (t) => {
  t.is(code(t.throws(() => writeFolder('/proc/peerproof/x', files))), 'ENOENT');
});

// The superuser may write anywhere, so the command runs as somebody else, who may not be able to read this checkout.
const nobody = process.geteuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const isReadable = spawnSync(process.execPath, [bin, '--version'], nobody).status === 0;
if (!isReadable) console.error('SKIPPED: no other user can read this checkout');

(isReadable ? test : test.skip)('peerproof migrate – without the right to write, nothing is written', (t) => {
  const closed = place();
  mkdirSync(closed);
  chmodSync(closed, 0o555);
  chmodSync(temporary, 0o755);
  for (const folder of [closed, join(closed, 'x')]) {
    const args = [bin, 'migrate', 'oauth2-proxy', '--for', 'nginx', '--out', folder, '--', ...least];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', ...nobody });
    t.is(status, 1, stderr);
    t.regex(stderr, /cannot be used \(EACCES\): this user may not use it$/m);
  }
  t.deepEqual(readdirSync(closed), []);
});

/** The second file needs a folder where the first file is. */
const broken = [
  { path: 'new/a.md', text: 'a' },
  { path: 'new/a.md/b.md', text: 'b' },
];

test('writeFolder – a file that cannot be written takes back those before it', (t) => {
  const above = place();
  mkdirSync(above);
  t.throws(() => writeFolder(join(above, 'x/y'), broken));
  t.deepEqual(readdirSync(above), [], 'also the folders that were new');
  t.throws(() => writeFolder(above, broken));
  t.deepEqual(readdirSync(above), [], 'and the folder that was there stays');
});

test('writeFolder – never replaces a file of its own', (t) => {
  const folder = place();
  const twice = [files[0], files[0]].flatMap((one) => one ?? []);
  t.is(code(t.throws(() => writeFolder(folder, twice))), 'EEXIST');
  t.false(existsSync(folder));
});
