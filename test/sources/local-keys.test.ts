import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseJwks } from '../../src/core/token/keys.ts';
import { FileKeys } from '../../src/sources/local-keys.ts';
import { createSigner } from '../support/jwt-signer.ts';

const [first, second] = [createSigner('ES256'), createSigner('ES256')];
const directory = mkdtempSync(join(tmpdir(), 'peerproof-keys-'));
test.after.always(() => rmSync(directory, { recursive: true }));

const bundle = (...signers: (typeof first)[]) =>
  JSON.stringify({ keys: signers.map(({ publicJwk }) => publicJwk) });
const parse = (text: string) => {
  try {
    return parseJwks(JSON.parse(text));
  } catch {
    return parseJwks(undefined);
  }
};

/** Writes as Kubernetes does: a new folder, and a link that is swapped. */
function mount(name: string) {
  const path = join(directory, name);
  let version = 0;
  return {
    path,
    write(text: string): void {
      const target = `${path}.${++version}`;
      writeFileSync(target, text);
      symlinkSync(target, `${path}.new`);
      renameSync(`${path}.new`, path);
    },
    remove: () => unlinkSync(path),
  };
}

test('keys in a file – are read again when it changes; a broken or missing file leaves those before it', async (t) => {
  const file = mount('bundle.json');
  file.write(bundle(first));
  let now = 1_000_000;
  const reports: (string | undefined)[] = [];
  const keys = new FileKeys({
    path: file.path,
    text: bundle(first),
    parse,
    clock: () => now,
    report: (failure) => reports.push(failure),
  });
  const kids = async () => {
    now += 2_000;
    await keys.file.look();
    return keys.current().keys.map(({ kid }) => kid);
  };
  t.deepEqual(await kids(), [first.kid]);
  file.write(bundle(first, second));
  t.deepEqual(await kids(), [first.kid, second.kid]);
  t.is(keys.current().fetchedAt, now);
  file.write('{"keys": 7}');
  t.deepEqual(await kids(), [first.kid, second.kid]);
  t.deepEqual(await kids(), [first.kid, second.kid]);
  t.deepEqual(reports.splice(2), ['not a JWK Set: "keys" is not a list'], 'said once');
  file.remove();
  t.deepEqual(await kids(), [first.kid, second.kid]);
  file.write(bundle(second));
  t.deepEqual(await kids(), [second.kid], 'a key that left the file is gone');
  t.is(keys.file.failure, undefined);
});
