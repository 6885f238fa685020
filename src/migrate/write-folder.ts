import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../config/problem.ts';
import type { TextFile } from './target.ts';

/**
 * Writes the files into a new or empty folder. Never replaces a file, and writes nothing into a folder that
 * has one. If a file cannot be written, what was written before is removed again.
 * @throws ConfigError if the folder is not empty, and errors of the file system
 */
export function writeFolder(folder: string, files: readonly TextFile[]): void {
  const created = makeFolder(folder);
  if (readdirSync(folder).length > 0) {
    const message = 'is not empty, and nothing in it is replaced: name another folder with --out';
    throw new ConfigError([{ file: folder, line: 0, key: '', message }]);
  }
  try {
    for (const { path, text } of files) {
      const file = join(folder, path);
      makeFolder(dirname(file));
      writeFileSync(file, text, { flag: 'wx' });
    }
  } catch (error) {
    const ours = created === undefined ? readdirSync(folder).map((name) => join(folder, name)) : [created];
    for (const one of ours) rmSync(one, { recursive: true });
    throw error;
  }
}

/**
 * Makes the folder and those above it. Returns the uppermost that is new. `mkdirSync` with `recursive` never
 * ends below /proc.
 */
function makeFolder(folder: string): string | undefined {
  try {
    mkdirSync(folder);
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
  }
  const above = makeFolder(dirname(folder));
  mkdirSync(folder);
  return above ?? folder;
}
