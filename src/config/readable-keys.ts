import { statSync } from 'node:fs';
import type { LoadedConfig } from './loaded-config.ts';
import type { Weakness } from './weakness.ts';

/** Permission of everybody else to read. */
const othersMayRead = 0o004;

/**
 * Files with keys that sign internal tokens, which every user of this machine may read. A missing file is no
 * finding. In a pod there is no other user.
 */
export function findReadableKeys({
  config,
  resolve,
}: Pick<LoadedConfig, 'config' | 'resolve'>): readonly Weakness[] {
  return (config.identity.token?.keyFiles ?? []).flatMap((file, at): Weakness[] => {
    const path = ['identity', 'token', 'keyFiles', at];
    const { mode = 0 } = statSync(resolve(file), { throwIfNoEntry: false }) ?? {};
    if ((mode & othersMayRead) === 0) return [];
    const message = `${file} can be read by every user of this machine: chmod o-r ${file}`;
    return [{ check: 'readable-key', path, subject: 'identity.token.keyFiles', message }];
  });
}
