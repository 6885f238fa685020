import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the bytes of a file must be. */
export interface Pin {
  /** For messages. */
  readonly name: string;
  readonly algorithm: 'sha256' | 'sha512';
  readonly hex: string;
}

/**
 * Files by their hash, from the cache of the user or else fetched. The hash decides and not the name, and also for a file that
 * the cache has.
 *
 * @param fetch puts the files that are missing into a folder
 * @returns their paths, in the order of the pins
 * @throws if a file with this hash was not fetched, or if one changed in the cache
 */
export async function pinnedFiles<P extends Pin>(
  pins: readonly P[],
  fetch: (missing: readonly P[], folder: string) => Promise<void>,
): Promise<readonly string[]> {
  const missing = pins.filter((pin) => !existsSync(pathOf(pin)));
  if (missing.length > 0) await fill(missing, fetch);
  for (const pin of pins) {
    const path = pathOf(pin);
    if (!existsSync(path))
      throw new Error(`${pin.name}: the file that came does not have the pinned ${pin.algorithm}`);
    if (!matches(pin, await readFile(path)))
      throw new Error(`${pin.name}: the file in the cache has changed: ${path}`);
  }
  return pins.map(pathOf);
}

function pathOf({ algorithm, hex }: Pin): string {
  return join(cacheFolder(), `${algorithm}-${hex}`);
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'peerproof', 'image');
}

function matches({ algorithm, hex }: Pin, bytes: Buffer): boolean {
  return hash(algorithm, bytes, 'hex') === hex;
}

async function fill<P extends Pin>(
  missing: readonly P[],
  fetch: (missing: readonly P[], folder: string) => Promise<void>,
): Promise<void> {
  const cache = cacheFolder();
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, '.fetching-'));
  try {
    await fetch(missing, folder);
    for (const { name } of (await readdir(folder, { withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    )) {
      const bytes = await readFile(join(folder, name));
      const pin = missing.find((one) => matches(one, bytes));
      if (pin) await rename(join(folder, name), pathOf(pin));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
