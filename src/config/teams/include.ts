import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
import { excerpt } from '../../lib/excerpt.ts';
import { didYouMean } from '../../lib/nearest.ts';
import type { Reader } from '../readers.ts';
import type { Config } from '../schema.ts';
import type { TeamCandidate } from './admit.ts';
import { reachOf } from './reach.ts';

/** Files without a delegation that are named. */
const mostUnknown = 20;

/** The files of teams. */
export interface IncludedFiles {
  /** Those with a delegation in its order, then some of the others. */
  readonly candidates: readonly (TeamCandidate & { readonly name: string })[];
  /** Paths as written. A change of one of them is a change of the rules. */
  readonly watched: readonly string[];
}

/**
 * Reads the files that `include` names. The name of a file says whose rules it holds, so whoever decides who
 * may write which file also decides who rules by it. Files of owners without a delegation are not read.
 * @param file the configuration
 * @throws if the folder cannot be read
 */
export function readIncluded(
  { include = '', delegate, peers }: Pick<Config, 'include' | 'delegate' | 'peers'>,
  file: string,
  { list, readTeam }: Pick<Reader, 'list' | 'readTeam'>,
): IncludedFiles {
  const folder = normalize(dirname(include));
  const shown = isAbsolute(folder) ? folder : join(dirname(file), folder);
  const [before = '', after = ''] = basename(include).split('*');
  const names = new Set(list(folder));
  const trustDomains = Object.keys(peers.trustDomains ?? {});
  const place = (name: string) => ({ name: join(folder, name), file: join(shown, name) });
  const known = delegate
    .filter(({ owner }) => names.has(`${before}${owner}${after}`))
    .map((delegation) => {
      const { owner, namespaces } = delegation;
      const name = `${before}${owner}${after}`;
      const reach = reachOf(delegation, trustDomains, namespaces);
      return { owner, ...place(name), text: textOf(name), reach };
    });
  const owners = delegate.map(({ owner }) => owner);
  const delegated = new Set(owners);
  const unknown = [...names]
    .filter((name) => isMeant(name, before, after))
    .map((name) => name.slice(before.length, name.length - after.length))
    .filter((owner) => !delegated.has(owner))
    .toSorted()
    .slice(0, mostUnknown)
    .map((owner) => {
      const at = place(`${before}${owner}${after}`);
      const message = `has no delegation: add {owner: ${excerpt(owner)}, …} to delegate, or remove the file${didYouMean(owner, owners)}`;
      return { owner: excerpt(owner), ...at, text: '', reach: { file: at.file, line: 1, key: '', message } };
    });
  return {
    candidates: [...known, ...unknown],
    watched: [folder, ...known.map(({ name }) => name)],
  };

  function textOf(name: string): TeamCandidate['text'] {
    try {
      return readTeam(folder, name);
    } catch (error) {
      return { file: place(name).file, line: 1, key: '', message: (error as Error).message };
    }
  }
}

/** As in a shell, the `*` does not match a name that begins with a dot. */
function isMeant(name: string, before: string, after: string): boolean {
  return (
    name.startsWith(before) &&
    name.endsWith(after) &&
    name.length > before.length + after.length &&
    !name.startsWith('.')
  );
}
