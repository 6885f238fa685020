import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { RotatedFile } from '../../src/sources/rotated-file.ts';

function world(t: ExecutionContext) {
  const directory = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const clock = { now: 1_000_000 };
  const path = join(directory, 'token');
  return {
    directory,
    path,
    clock,
    file: new RotatedFile(path, () => clock.now),
    write: (text: string) => writeFileSync(path, text),
  };
}

test('rotated file – the swap of a projected volume is seen within a second', (t) => {
  const { directory, path, clock, file } = world(t);
  const generation = (name: string, text: string) => {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, 'token'), text);
    symlinkSync(name, join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  };
  generation('..1', 'first\n');
  symlinkSync(join('..data', 'token'), path);
  t.is(file.read(), 'first');
  generation('..2', 'other');
  clock.now += 999;
  t.is(file.read(), 'first');
  clock.now += 1;
  t.is(file.read(), 'other');
  clock.now += 10_000;
  t.is(file.read(), 'other');
});

test('rotated file – overwritten in place with as many bytes', (t) => {
  const { clock, file, write } = world(t);
  write('first');
  t.is(file.read(), 'first');
  write('other');
  clock.now += 1_000;
  t.is(file.read(), 'other');
});

test('rotated file – the last good text is used while it is gone, empty or too large', (t) => {
  const { path, clock, file, write } = world(t);
  write('first');
  t.is(file.read(), 'first');
  for (const spoil of [() => rmSync(path), () => write(' \n'), () => write('x'.repeat(70_000))]) {
    spoil();
    clock.now += 1_000;
    t.is(file.read(), 'first');
  }
  write('second');
  clock.now += 1_000;
  t.is(file.read(), 'second');
});

test('rotated file – a clock that is put back does not keep it from looking', (t) => {
  const { clock, file, write } = world(t);
  write('first');
  t.is(file.read(), 'first');
  write('other');
  clock.now -= 3_600_000;
  t.is(file.read(), 'other');
});

const unusable: [string, (write: (text: string) => void) => void, RegExp][] = [
  ['that is not there', () => undefined, /token cannot be read: ENOENT$/],
  ['that is empty', (write) => write('\n'), /token cannot be read: empty$/],
  ['that is too large', (write) => write('secret'.repeat(20_000)), /token cannot be read: larger than 65536/],
];
for (const [title, prepare, message] of unusable)
  test(`rotated file – one ${title} is an error without content, and is tried again`, (t) => {
    const { file, write } = world(t);
    prepare(write);
    const error = t.throws(() => file.read(), { message });
    t.false(error?.message.includes('secret'));
    write('good');
    t.is(file.read(), 'good');
  });
