import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Revocation, weightOfRevocation } from '../../../src/core/revocation/revocation.ts';
import { type RevocationLimits, Revocations } from '../../../src/core/revocation/revocations.ts';
import { followFile } from '../../../src/sources/revocation/followed-file.ts';
import { openRevocationFile } from '../../../src/sources/revocation/revocation-file.ts';
import { StoreFull } from '../../../src/sources/revocation/revocation-store.ts';
import { NOW } from '../../support/check-world.ts';

const limits = { memory: 1e6, maxStaleness: 10_000, onOutage: 'refuse' } as const;
const revoke = (value: string): Revocation => ({ kind: 'jti', value, until: NOW + 60_000, by: 'a test' });
const values = (list: Iterable<Revocation>) => [...list].map(({ value }) => value);

function start() {
  const directory = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
  const path = join(directory, 'revocations.jsonl');
  writeFileSync(path, '');
  const clock = { now: NOW };
  const bounds = { ...limits } as { -readonly [Name in keyof RevocationLimits]: RevocationLimits[Name] };
  const revocations = new Revocations(() => bounds);
  const failures: (string | undefined)[] = [];
  const report = (failure: string | undefined) => failures.push(failure);
  const source = followFile({ path, revocations, clock: () => clock.now, report });
  const look = async () => {
    await source.start();
    source.stop();
  };
  const store = openRevocationFile(path, () => clock.now, { memory: () => Number.MAX_SAFE_INTEGER });
  const stop = () => rmSync(directory, { recursive: true });
  return { directory, path, clock, revocations, bounds, failures, source, look, store, stop };
}

test('revocation file – a reader learns what a writer adds and takes back', async (t) => {
  const { store, look, revocations, stop } = start();
  t.teardown(stop);
  await store.add([revoke('a'), revoke('b')]);
  await look();
  t.deepEqual(values(revocations.all()), ['a', 'b']);
  await store.undo([revoke('a')]);
  await look();
  t.deepEqual(values(revocations.all()), ['b']);
});

test('revocation file – what a clock that was ahead has swept is read again', async (t) => {
  const { store, look, revocations, clock, stop } = start();
  t.teardown(stop);
  await store.add([revoke('a')]);
  await look();
  clock.now = NOW + 3_600_000;
  await look();
  t.deepEqual(values(revocations.all()), []);
  clock.now = NOW + 1_000;
  await look();
  t.deepEqual(values(revocations.all()), ['a']);
});

test('revocation file – what had no memory is read again when there is some', async (t) => {
  const { store, look, revocations, bounds, stop } = start();
  t.teardown(stop);
  await store.add([revoke('a'), revoke('b')]);
  bounds.memory = weightOfRevocation(revoke('a'));
  await look();
  t.true(revocations.incomplete);
  bounds.memory = 1e6;
  await look();
  t.false(revocations.incomplete);
  t.deepEqual(values(revocations.all()), ['a', 'b']);
});

test('revocation file – a look that is under way when it is stopped changes nothing', async (t) => {
  const { store, look, revocations, source, stop } = start();
  t.teardown(stop);
  await store.add([revoke('a')]);
  await look();
  await store.undo([revoke('a')]);
  const underWay = source.start();
  source.stop();
  await underWay;
  t.deepEqual(values(revocations.all()), ['a']);
});

test('revocation file – of two lines with one name, the next change keeps what either revokes', async (t) => {
  const { store, path, stop } = start();
  t.teardown(stop);
  await store.add([revoke('a')]);
  const line = readFileSync(path, 'utf8');
  writeFileSync(path, line + line.replace('"by"', '"issuedBefore":"2020-01-01T00:00:00Z","by"'));
  await store.add([revoke('b')]);
  t.deepEqual(
    (await store.list()).map(({ value, issuedBefore }) => [value, issuedBefore]),
    [
      ['a', undefined],
      ['b', undefined],
    ],
  );
});

test('revocation file – writers at the same time lose nothing, and leave nothing behind', async (t) => {
  const { store, path, directory, stop } = start();
  t.teardown(stop);
  chmodSync(path, 0o640);
  await Promise.all(Array.from({ length: 8 }, (_, index) => store.add([revoke(`t-${index}`)])));
  t.is((await store.list()).length, 8);
  t.deepEqual(readdirSync(directory), ['revocations.jsonl']);
  t.is(statSync(path).mode & 0o777, 0o640);
});

test('revocation file – a lock that was left behind is taken over', async (t) => {
  const { store, path, stop } = start();
  t.teardown(stop);
  writeFileSync(`${path}.lock`, '');
  utimesSync(`${path}.lock`, 1, 1);
  await store.add([revoke('a')]);
  t.is((await store.list()).length, 1);
});

test('revocation file – a file that is too large stays as it was', async (t) => {
  const { store, path, stop } = start();
  t.teardown(stop);
  await store.add([revoke('a')]);
  const before = readFileSync(path, 'utf8');
  const many = Array.from({ length: 3_000 }, (_, index) => revoke(`${index}${'x'.repeat(1_400)}`));
  await t.throwsAsync(store.add(many), { instanceOf: StoreFull });
  t.is(readFileSync(path, 'utf8'), before);
});

test('revocation file – a file that is missing or malformed keeps what is known, which gets older', async (t) => {
  const { store, path, clock, revocations, failures, look, stop } = start();
  t.teardown(stop);
  await store.add([revoke('a')]);
  await look();
  clock.now += 5_000;
  writeFileSync(path, '{"kind":"jti","value":"b"}\n');
  await look();
  t.regex(String(failures.at(-1)), /line 1: until must be a time/);
  rmSync(path);
  await look();
  t.regex(String(failures.at(-1)), /ENOENT/);
  t.deepEqual(values(revocations.all()), ['a']);
  t.is(revocations.syncedAt, NOW);
  writeFileSync(path, '');
  await look();
  t.deepEqual(values(revocations.all()), []);
  t.is(revocations.syncedAt, NOW + 5_000);
});

for (const issuedBefore of [-1e14, -Infinity])
  test(`revocation file – a time before 1970 is one that every reader can read: ${issuedBefore}`, async (t) => {
    const { store, look, revocations, failures, stop } = start();
    t.teardown(stop);
    await store.add([{ ...revoke('a'), issuedBefore }]);
    await look();
    t.deepEqual(failures, [undefined]);
    t.is([...revocations.all()][0]?.issuedBefore, 0);
  });

test('revocation file – no more is added than the processes have memory for', async (t) => {
  const { path, clock, look, revocations, stop } = start();
  t.teardown(stop);
  const small = openRevocationFile(path, () => clock.now, {
    memory: () => 2 * weightOfRevocation(revoke('a')),
  });
  await small.add([revoke('a'), revoke('b')]);
  await t.throwsAsync(small.add([revoke('c')]), { instanceOf: StoreFull, message: /revocation\.memory/ });
  t.deepEqual(await small.undo([revoke('a')]), [revoke('a')]);
  await small.add([revoke('c')]);
  await look();
  t.deepEqual(values(revocations.all()), ['b', 'c']);
});

test('revocation file – a writer with a share leaves the rest of the file to others', async (t) => {
  const { path, clock, store, stop } = start();
  t.teardown(stop);
  const memory = () => Number.MAX_SAFE_INTEGER;
  const part = openRevocationFile(path, () => clock.now, { memory, share: 0.0001 });
  await part.add([revoke('a')]);
  await t.throwsAsync(part.add([revoke('b'.repeat(500))]), { instanceOf: StoreFull });
  await store.add([revoke('b'.repeat(500))]);
  t.is((await store.list()).length, 2);
});

test('revocation file – a pipe in its place is refused, and nobody waits for its writer', async (t) => {
  const { path, store, stop } = start();
  t.teardown(stop);
  rmSync(path);
  execFileSync('mkfifo', [path]);
  await t.throwsAsync(store.add([revoke('a')]), { message: /regular file/ });
});

test('revocation file – a lock from the future is one that was left behind', async (t) => {
  const { path, store, stop } = start();
  t.teardown(stop);
  writeFileSync(`${path}.lock`, '');
  const future = Date.now() / 1000 + 3_600;
  utimesSync(`${path}.lock`, future, future);
  await store.add([revoke('a')]);
  t.is((await store.list()).length, 1);
});
