import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../config/problem.ts';
import type { TextFile } from './target.ts';

/**
 * Writes the files into a new or empty folder. Never replaces a file, and writes nothing into a folder that
 * has one. @throws ConfigError if the folder is not empty, and errors of the file system
 */
export function writeFolder(folder: string, files: readonly TextFile[]): void {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) {
    const message = 'is not empty, and nothing in it is replaced: name another folder with --out';
    throw new ConfigError([{ file: folder, line: 0, key: '', message }]);
  }
  for (const { path, text } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  }
}
