import { isDeepStrictEqual } from 'node:util';
import type { Side } from './side.ts';

/** What no rule of either side names, and how long the patterns of both sides are. */
export interface Space {
  /** A label, segment and name that stands in neither configuration. */
  readonly fresh: string;
  /** A method that no rule names. */
  readonly method: string;
  readonly longestHost: number;
  readonly longestPath: number;
  readonly longestId: number;
  /** What is put after hosts, because both sides may read it differently. */
  readonly tails: readonly string[];
  /** What is put after a host that one rule names and the other does not: they may differ about its port. */
  readonly looseTails: readonly string[];
  /** Other spellings of a path that may be read differently. */
  readonly spellings: (path: string) => readonly string[];
}

const words = ['any', 'other', 'fresh', 'unnamed', 'elsewhere'];
const methods = ['PATCH', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'];

export function createSpace(sides: readonly [Side, Side]): Space {
  const rules = sides.flatMap((side) => side.rules);
  const named = new Set(rules.flatMap(({ match }) => match.methods));
  const isFree = (word: string) => !sides.some(({ text }) => text.toLowerCase().includes(word));
  const numbered = Array.from({ length: 1_000 }, (_, index) => `any-${index}`);
  const readings = sides.map(({ config: { paths } }) => paths);
  const hosts = sides.map(({ config }) => config.hosts);
  const ignoresPort = hosts.every(({ ignorePort }) => ignorePort);
  const differ = !isDeepStrictEqual(readings[0], readings[1]);
  const significant = readings.some(({ ignoreTrailingSlash }) => !ignoreTrailingSlash);
  return {
    fresh: [...words, ...numbered].find(isFree) ?? 'any',
    method: methods.find((method) => !named.has(method)) ?? 'UNNAMED',
    longestHost: longest(rules.flatMap(({ match }) => match.hosts.map(({ labels }) => labels))),
    longestPath: longest(rules.flatMap(({ match }) => match.paths)),
    longestId: longest(
      rules.flatMap(({ match, require }) =>
        [...match.destinations, ...(require?.peers ?? [])].map(({ path }) => path),
      ),
    ),
    tails: isDeepStrictEqual(hosts[0], hosts[1]) ? [''] : ['', ':65000', '.', '.:65000'],
    looseTails: ignoresPort ? [''] : ['', ':65000'],
    spellings: (path) => [
      path,
      ...(differ || significant ? [`${path.replace(/\/$/, '')}/`] : []),
      ...(differ ? [path.toUpperCase(), path.toLowerCase()] : []),
    ],
  };
}

function longest(patterns: readonly (readonly string[])[]): number {
  return Math.max(2, ...patterns.map(({ length }) => length));
}
