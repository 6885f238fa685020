import type { BigIntStats } from 'node:fs';

/**
 * What a file looks like from outside, as one text: another one after a rename, after Kubernetes has turned the symlink of
 * a volume, and after writing. CachedAuthority of the file at the end of all links.
 */
export function fileStamp({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}
