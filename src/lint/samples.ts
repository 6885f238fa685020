import type { Sought } from '../core/policy/route-index.ts';
import type { HttpMatch } from '../core/policy/rule.ts';
import type { Pattern } from '../lib/pattern.ts';
import type { Match } from './covers.ts';

/** Segments that a `**` stands for at most. */
const far = 32;
/** How many matches with one entry a rule may be divided into. */
const most = 256;

/** The match in parts that have one entry in each list. Undefined if there are too many of them. */
export function partsOf(match: Match): readonly Match[] | undefined {
  const destinations = oneByOne(match.destinations);
  const ports = oneByOne(match.ports);
  const here = destinations.length * ports.length;
  if (match.protocol === 'tcp')
    return here > most
      ? undefined
      : destinations.flatMap((one) =>
          ports.map((port): Match => ({ ...match, destinations: one, ports: port })),
        );
  const [hosts, paths, methods] = [oneByOne(match.hosts), oneByOne(match.paths), oneByOne(match.methods)];
  if (here * hosts.length * paths.length * methods.length > most) return undefined;
  return destinations.flatMap((one) =>
    ports.flatMap((port) =>
      hosts.flatMap((host) =>
        paths.flatMap((path) =>
          methods.map(
            (method): Match => ({
              ...match,
              destinations: one,
              ports: port,
              hosts: host,
              paths: path,
              methods: method,
            }),
          ),
        ),
      ),
    ),
  );
}

/** Lists of one entry. An empty list stays, because it stands for every value. */
function oneByOne<T>(list: readonly T[]): readonly (readonly T[])[] {
  return list.length === 0 ? [[]] : list.map((entry) => [entry]);
}

/**
 * Requests that the match covers, as different from other rules as it allows: where it has a wildcard, or
 * nothing, they have values that no rule can name.
 * @param longest the length of the longest pattern of all rules. `**` once stands for more segments than that,
 * within bounds
 */
export function samplesOf(match: HttpMatch, longest: number, plainHosts: boolean): readonly Sought[] {
  return [Math.min(longest + 1, far), 0, 1].map((length) => {
    const [destination, host] = [match.destinations[0], match.hosts[0]];
    const labels = fill(host?.labels ?? ['**'], length);
    const segments = destination && fill(destination.path, length);
    return {
      destination: destination && segments && { uri: '', trustDomain: destination.trustDomain, segments },
      port: match.ports[0] ?? 0,
      host: {
        labels: labels.length > 0 ? labels : [unnamed],
        tail: host?.tail ?? (plainHosts ? '' : unnamed),
      },
      method: match.methods[0] ?? unnamed,
      path: fill(match.paths[0] ?? ['**'], length),
      context: match.context,
    };
  });
}

/** No pattern, method or tail of a host can hold it. */
const unnamed = '?';

function fill(pattern: Pattern, length: number): readonly string[] {
  return pattern.flatMap((part) =>
    part === '**' ? Array.from({ length }, () => unnamed) : part === '*' ? [unnamed] : [part],
  );
}
