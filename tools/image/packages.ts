import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Architecture } from './platforms.ts';

/** A package of Debian, by its exact version and the hash of its file. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** What the image holds beside our own files: packages.json. `node tools/image/renew.ts` writes it. */
export interface Packages {
  readonly debian: Readonly<Record<Architecture, readonly DebianPackage[]>>;
  readonly node: {
    readonly version: string;
    /** The hash of the npm package, in the form of a lock file. */
    readonly integrity: Readonly<Record<Architecture, string>>;
  };
}

/** Where they are in a checkout. */
export const packagesFile = 'tools/image/packages.json';

export function readPackages(checkout: string): Packages {
  return JSON.parse(readFileSync(join(checkout, packagesFile), 'utf8'));
}
