import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Malformed } from '../../src/lib/malformed.ts';
import { WatchedFile } from '../../src/sources/watched-file.ts';

function world(t: ExecutionContext) {
  const directory = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const clock = { now: 1_000_000 };
  const path = join(directory, 'token');
  return {
    directory,
    path,
    clock,
    file: new WatchedFile({
      path,
      maxBytes: 65_536,
      clock: () => clock.now,
      parse: (text) => text.trim() || new Malformed('is empty'),
    }),
    write: (text: string) => writeFileSync(path, text),
  };
}

test('watched file – the swap of a projected volume is seen within a second', async (t) => {
  const { directory, path, clock, file } = world(t);
  const generation = (name: string, text: string) => {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, 'token'), text);
    symlinkSync(name, join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  };
  generation('..1', 'first\n');
  symlinkSync(join('..data', 'token'), path);
  t.is(await file.fresh(), 'first');
  generation('..2', 'other');
  clock.now += 999;
  t.is(await file.fresh(), 'first');
  clock.now += 1;
  t.is(await file.fresh(), 'other');
  clock.now += 10_000;
  t.is(await file.fresh(), 'other');
});

test('watched file – overwritten in place with as many bytes', async (t) => {
  const { clock, file, write } = world(t);
  write('first');
  t.is(await file.fresh(), 'first');
  write('other');
  clock.now += 1_000;
  t.is(await file.fresh(), 'other');
});

test('watched file – the last good text is used while it is gone, empty or too large', async (t) => {
  const { path, clock, file, write } = world(t);
  write('first');
  t.is(await file.fresh(), 'first');
  for (const spoil of [() => rmSync(path), () => write(' \n'), () => write('x'.repeat(70_000))]) {
    spoil();
    clock.now += 1_000;
    t.is(await file.fresh(), 'first');
  }
  write('second');
  clock.now += 1_000;
  t.is(await file.fresh(), 'second');
});

test('watched file – a clock that is put back does not keep it from looking', async (t) => {
  const { clock, file, write } = world(t);
  write('first');
  t.is(await file.fresh(), 'first');
  write('other');
  clock.now -= 3_600_000;
  t.is(await file.fresh(), 'other');
});

const unusable: [string, (write: (text: string) => void) => void, RegExp][] = [
  ['that is not there', () => undefined, /token cannot be read \(ENOENT\): there is no such file or folder$/],
  ['that is empty', (write) => write('\n'), /token is empty$/],
  ['that is too large', (write) => write('secret'.repeat(20_000)), /token is larger than 65536/],
];
for (const [title, prepare, message] of unusable)
  test(`watched file – one ${title} is an error without content, and is tried again`, async (t) => {
    const { file, write } = world(t);
    prepare(write);
    const error = await t.throwsAsync(file.fresh(), { message });
    t.false(error?.message.includes('secret'));
    write('good');
    t.is(await file.fresh(), 'good');
  });

test('watched file – a hanging file system delays a check by at most a second', async (t) => {
  const { path, clock, file, write } = world(t);
  write('first');
  t.is(await file.fresh(), 'first');
  file.look = () => new Promise(() => undefined);
  rmSync(path);
  clock.now += 1_000;
  t.is(await file.fresh(), 'first');
});

test('watched file – a FIFO in its place does not hang', async (t) => {
  const { path, file } = world(t);
  execFileSync('mkfifo', [path]);
  await t.throwsAsync(file.fresh(), { message: /token is not a regular file$/ });
});

test('watched file – the same content is parsed once, and a missing file that is back is reported', async (t) => {
  const { path } = world(t);
  const [parsed, reports]: [string[], (string | undefined)[]] = [[], []];
  const file = new WatchedFile({
    ...{ path, maxBytes: 10, clock: () => 7, report: (failure) => reports.push(failure) },
    parse(text) {
      parsed.push(text);
      return text === 'bad' ? new Malformed('is bad') : text;
    },
  });
  for (const text of ['a', 'a', undefined, 'a', 'bad', 'bad', 'b', 'much too long', 'b']) {
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
    await file.look();
  }
  t.deepEqual(parsed, ['a', 'bad', 'b']);
  const [gone, large] = [
    'cannot be read (ENOENT): there is no such file or folder',
    'is larger than 10 bytes',
  ];
  t.deepEqual(reports, [undefined, gone, undefined, 'is bad', undefined, large, undefined]);
  t.like(file, { value: 'b', readAt: 7, failures: 3, missing: false });
});
