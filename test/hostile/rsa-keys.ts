import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const folder = fileURLToPath(new URL('../../node_modules/.cache/rsa-keys/', import.meta.url));
/** How many of a size this thread has given out. */
const given = new Map<number, number>();

/**
 * A key pair that this thread has not had before. To make one takes a tenth of a second, and the corpus needs ten in each of
 * hundreds of runs, so they are kept until the next `npm ci`. Another thread or process gets the same ones.
 */
export function rsaKeyPair(modulusLength = 2048): KeyPair {
  const count = given.get(modulusLength) ?? 0;
  given.set(modulusLength, count + 1);
  const file = join(folder, `${modulusLength}-${count}.pem`);
  const privateKey = createPrivateKey(kept(file) ?? make(file, modulusLength));
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function kept(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Written to another file and renamed, so that no other thread reads half of it. */
function make(file: string, modulusLength: number): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  mkdirSync(folder, { recursive: true });
  const next = `${file}.${randomUUID()}`;
  writeFileSync(next, pem, { mode: 0o600 });
  renameSync(next, file);
  return pem;
}
