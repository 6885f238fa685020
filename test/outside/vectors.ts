import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Suites written elsewhere lie beside the repository. None of them is copied into it. */
const folder = new URL('../../../shared/outside/', import.meta.url);

/** Whether they are there. A clone of the repository alone does not have them, on a machine of CI neither. */
export const hasVectors = existsSync(fileURLToPath(folder));

/** Said wherever something is not compared because of that. */
export const absence = '../shared/outside is absent: nothing was compared with the suites written elsewhere';

/** Reads one file of them. @throws where the folder is there and the file is not. */
export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}
