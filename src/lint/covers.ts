import type { HostPattern } from '../core/policy/host.ts';
import type { HttpMatch, Rule } from '../core/policy/rule.ts';
import { contains, type Effort } from '../lib/contains.ts';

export type Match = Rule['match'];

/** How requests are read before they are compared with rules. */
export interface RequestReading {
  /** Every host comes without a port and a final dot. */
  readonly plainHosts: boolean;
  /** A slash at the end of a path counts. */
  readonly slashCounts: boolean;
}

/**
 * Whether `wide` matches every request that `narrow` matches. True only if it is sure; false also if no
 * effort is left.
 */
export function covers(wide: Match, narrow: Match, reading: RequestReading, effort: Effort): boolean {
  effort.left -= wide.ports.length + wide.destinations.length + 1;
  if (!coversAll(wide.ports, narrow.ports) || !coversDestinations(wide, narrow, effort)) return false;
  if (wide.protocol === 'tcp' || narrow.protocol === 'tcp') return wide.protocol === narrow.protocol;
  effort.left -= wide.methods.length + wide.hosts.length;
  return (
    coversAll(wide.methods, narrow.methods) &&
    Object.entries(wide.context).every(([name, value]) => narrow.context[name] === value) &&
    coversHosts(wide, narrow, reading, effort) &&
    coversPaths(wide, narrow, reading, effort)
  );
}

/** An empty list stands for every value. */
function coversAll<T>(wide: readonly T[], narrow: readonly T[]): boolean {
  return wide.length === 0 || (narrow.length > 0 && narrow.every((one) => wide.includes(one)));
}

/** Without destinations, a rule also matches requests whose destination is unknown. */
function coversDestinations(wide: Match, narrow: Match, effort: Effort): boolean {
  if (wide.destinations.length === 0) return true;
  if (narrow.destinations.length === 0) return false;
  return narrow.destinations.every(({ trustDomain, path }) => {
    const near = wide.destinations.filter((one) => one.trustDomain === trustDomain);
    return contains(
      near.map((one) => one.path),
      path,
      effort,
    );
  });
}

function coversHosts(
  wide: HttpMatch,
  narrow: HttpMatch,
  { plainHosts }: RequestReading,
  effort: Effort,
): boolean {
  if (wide.hosts.length === 0) return true;
  if (narrow.hosts.length === 0 && !plainHosts) return false;
  const hosts = narrow.hosts.length > 0 ? narrow.hosts : [anyHost];
  return hosts.every(({ labels, tail }) => {
    const near = wide.hosts.filter((one) => one.tail === tail);
    return contains(
      near.map((one) => one.labels),
      // Every host has a label.
      labels.length === 1 && labels[0] === '**' ? anyHost.labels : labels,
      effort,
    );
  });
}

const anyHost: HostPattern = { labels: ['*', '**'], tail: '' };

function coversPaths(
  wide: HttpMatch,
  narrow: HttpMatch,
  { slashCounts }: RequestReading,
  effort: Effort,
): boolean {
  if (wide.paths.length === 0) return true;
  const paths = narrow.paths.length > 0 ? narrow.paths : [['**']];
  return paths.every((path) => contains(wide.paths, path, effort, slashCounts));
}
