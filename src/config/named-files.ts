import { readFileSync } from 'node:fs';
import { codeAndCause } from '../lib/file-causes.ts';
import { readBounded } from '../lib/read-bounded.ts';
import { type Files, isReadOnce } from '../sources/fingerprint.ts';
import { largestFile } from '../sources/revocation/revocation-file.ts';
import { unusableFiles } from './check-files.ts';
import type { CrossCheck } from './cross-check.ts';
import type { Config } from './schema.ts';

type Wanted = CrossCheck['files'];
type Finding = [path: readonly PropertyKey[], message: string];

/**
 * Returns the content of a file, by the path as written; undefined if it does not matter.
 * @throws if it cannot be read, or if it is larger than `most` bytes
 */
export type Read = (name: string, most?: number) => string | undefined;

export interface NamedFiles {
  /** The contents, by the path as written. */
  readonly files: Map<string, string>;
  /** Those that are a part of the configuration. */
  readonly readOnce: ReadonlySet<string>;
  /** Files that cannot be read or used, each by its setting. */
  readonly findings: readonly Finding[];
}

/** Bytes of the largest file, but for that of revocations. A ClusterTrustBundle and a ConfigMap hold no more. */
const maxBytes = 1_048_576;

/**
 * Reads the files that a configuration names, and checks their contents.
 * @param config undefined if it has other problems; then contents are not checked
 * @param lastGood contents of the configuration in use. They stand in for bundles, signing keys and
 * revocations that cannot be used now. So the broken bundle of one trust domain holds up no change of the configuration. Its source goes
 * on with the authorities that it read last, and reports the failure.
 */
export function readNamedFiles(
  config: Config | undefined,
  wanted: Wanted,
  read: Read,
  lastGood: Files,
): NamedFiles {
  const files = new Map<string, string>();
  const readOnce = new Set<string>();
  const findings: Finding[] = [];
  const standIn = ({ path, file }: Wanted[number]) => (mayBeLate(path) ? lastGood.get(file) : undefined);
  for (const one of wanted) {
    const { path, file } = one;
    try {
      const content = read(file, path.join('.') === 'revocation.file' ? largestFile : maxBytes);
      if (content === undefined) continue;
      files.set(file, content);
      if (isReadOnce(path)) readOnce.add(file);
    } catch (error) {
      const before = standIn(one);
      if (before === undefined) findings.push([path, `${file} ${whyUnread(error as NodeJS.ErrnoException)}`]);
      else files.set(file, before);
    }
  }
  if (!config) return { files, readOnce, findings };
  let unusable = unusableFiles(config, files);
  const places = new Set(unusable.map(([path]) => path.join('\n')));
  for (const one of wanted) {
    const before = standIn(one);
    if (before === undefined || readOnce.has(one.file) || !places.has(one.path.join('\n'))) continue;
    files.set(one.file, before);
    unusable = unusableFiles(config, files);
  }
  return { files, readOnce, findings: [...findings, ...unusable] };
}

/** Bundles, the keys that sign internal tokens, and revocations. */
function mayBeLate(path: readonly PropertyKey[]): boolean {
  const isOfThem = path[0] === 'peers' || path[0] === 'identity' || path.join('.') === 'revocation.file';
  return isOfThem && !isReadOnce(path);
}

function whyUnread(error: NodeJS.ErrnoException): string {
  return error.code === undefined ? error.message : `cannot be read ${codeAndCause(error.code)}`;
}

/** Reads a file as UTF-8. Only a regular one of that size, if `most` is given: see `readBounded`. */
export function readUpTo(path: string, most?: number): string {
  return most === undefined ? readFileSync(path, 'utf8') : readBounded(path, most);
}
