import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { parseSigningKey, type SigningKey } from '../../src/core/internal-token/signing-key.ts';
import { SigningKeyFiles } from '../../src/sources/signing-key-files.ts';
import { pemKey, writeFiles } from '../support/internal-token.ts';

const SIGN_AFTER = 900_000;
const KEEP_AFTER = 120_000;
const [A, B, C] = [pemKey(), pemKey('EdDSA'), pemKey()];
const kid = (pem: string) => (parseSigningKey(pem) as SigningKey).kid;

/** Keys in files, a clock, and a look at the files when a test says so. */
function open(t: ExecutionContext, texts: readonly string[], previous?: SigningKeyFiles, clock = { now: 0 }) {
  const paths = writeFiles(t, ...texts);
  const reports: string[] = [];
  const keys = new SigningKeyFiles({
    files: texts.map((text, at) => ({ name: `key-${at}`, path: paths[at] ?? '', text })),
    clock: () => clock.now,
    signAfter: SIGN_AFTER,
    keepAfter: KEEP_AFTER,
    report: (name, failure) => reports.push(`${name} ${failure}`),
    previous,
  });
  const look = async (after = 0) => {
    clock.now += after;
    await keys.start();
    keys.stop();
    return [keys.current().kid, keys.published().map((key) => key.kid)] as const;
  };
  const put = (text: string, at = 0) => writeFileSync(paths[at] ?? '', text);
  return { keys, paths, reports, clock, look, put };
}

test('signing key files – the first one signs, and all are published', async (t) => {
  t.deepEqual(await open(t, [A, B]).look(), [kid(A), [kid(A), kid(B)]]);
});

test('signing key files – a key that is new in its file is published first, and signs later', async (t) => {
  const { look, put } = open(t, [A]);
  await look();
  put(B);
  t.deepEqual(await look(1_000), [kid(A), [kid(A), kid(B)]]);
  t.deepEqual(await look(SIGN_AFTER - 1), [kid(A), [kid(A), kid(B)]]);
  t.deepEqual(await look(1), [kid(B), [kid(A), kid(B)]]);
  // What the one before signed is valid for a while.
  t.deepEqual(await look(KEEP_AFTER), [kid(B), [kid(A), kid(B)]]);
  t.deepEqual(await look(1), [kid(B), [kid(B)]]);
});

test('signing key files – a third key before the second one signs: the first goes on', async (t) => {
  const { look, put } = open(t, [A]);
  await look();
  put(B);
  await look(1_000);
  put(C);
  t.deepEqual(await look(SIGN_AFTER - 1), [kid(A), [kid(A), kid(C)]]);
  t.deepEqual((await look(SIGN_AFTER))[0], kid(C));
});

test('signing key files – a key that moves to the first file was published before, and signs at once', async (t) => {
  const { look, put } = open(t, [A, B]);
  await look(SIGN_AFTER);
  put(B, 0);
  put(A, 1);
  t.deepEqual(await look(1_000), [kid(B), [kid(A), kid(B)]]);
});

test('signing key files – the configuration that follows knows what was published', async (t) => {
  const first = open(t, [A, B]);
  await first.look(SIGN_AFTER);
  const moved = open(t, [B, C, A], first.keys, first.clock);
  t.is(moved.keys.current().kid, kid(B));
  const replaced = open(t, [C], first.keys, first.clock);
  t.is(replaced.keys.current().kid, kid(A));
  t.is((await replaced.look(SIGN_AFTER))[0], kid(C));
});

test('signing key files – a file that is broken or missing changes nothing, and is reported once', async (t) => {
  const { look, put, reports, keys, paths } = open(t, [A]);
  await look();
  put('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----');
  t.deepEqual(await look(SIGN_AFTER), [kid(A), [kid(A)]]);
  t.deepEqual(await look(SIGN_AFTER), [kid(A), [kid(A)]]);
  t.deepEqual(reports, ['key-0 undefined', 'key-0 is not a private key in PEM, and not a JWK']);
  t.deepEqual(keys.state().files, [{ file: 'key-0', failure: 'is not a private key in PEM, and not a JWK' }]);
  rmSync(paths[0] ?? '');
  t.deepEqual(await look(SIGN_AFTER), [kid(A), [kid(A)]]);
  put(B);
  t.deepEqual(await look(), [kid(A), [kid(A), kid(B)]]);
  t.deepEqual(keys.state().files, [{ file: 'key-0', failure: undefined }]);
});

test('signing key files – a clock that is put back ends no key, and lets none sign early', async (t) => {
  const { look, put } = open(t, [A], undefined, { now: 10 * SIGN_AFTER });
  await look();
  put(B);
  await look(1_000);
  t.deepEqual(await look(-5 * SIGN_AFTER), [kid(A), [kid(A), kid(B)]]);
});

test('signing key files – a text that is older than its file: what the file holds at the start signs', async (t) => {
  const { look, put } = open(t, [A]);
  put(B);
  t.deepEqual(await look(), [kid(B), [kid(A), kid(B)]]);
  put(C);
  t.is((await look())[0], kid(B));
});

test('signing key files – a file is looked at again without being asked', async (t) => {
  const { keys, put, paths } = open(t, [A]);
  await keys.start();
  t.teardown(() => keys.stop());
  put(B);
  renameSync(paths[0] ?? '', `${paths[0]}.next`);
  renameSync(`${paths[0]}.next`, paths[0] ?? '');
  for (let time = 0; time < 100 && keys.published().length < 2; time++) await sleep(50);
  t.deepEqual(
    keys.published().map((key) => key.kid),
    [kid(A), kid(B)],
  );
});

test('signing key files – a text that is no key is a mistake of the caller', (t) => {
  t.throws(() => open(t, [A, 'x']), { instanceOf: TypeError });
});
