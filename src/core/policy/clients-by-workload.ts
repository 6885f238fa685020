import type { RegisteredClient } from '../binding/proof.ts';
import { matchesSpiffePattern, type SpiffeId, type SpiffePattern } from '../peer/spiffe-id.ts';

export type Clients = ReadonlyMap<string, RegisteredClient>;

/** The clients of a configuration by their workloads: a look at each of ten thousand would take milliseconds. */
interface Index {
  /** By a pattern without wildcards. */
  readonly exact: ReadonlyMap<string, readonly string[]>;
  readonly wide: readonly (readonly [pattern: SpiffePattern, client: string])[];
}

/** A configuration never changes its clients, and a reload brings a new map. */
const indices = new WeakMap<Clients, Index>();

/** The names of the clients that are registered for a workload, each once. */
export function clientsOf(id: SpiffeId, clients: Clients): readonly string[] {
  const { exact, wide } = indexOf(clients);
  const matching = wide.filter(([pattern]) => matchesSpiffePattern(pattern, id)).map(([, name]) => name);
  return [...new Set([...(exact.get(id.uri) ?? []), ...matching])];
}

function indexOf(clients: Clients): Index {
  const known = indices.get(clients);
  if (known) return known;
  const exact = new Map<string, string[]>();
  const wide: [SpiffePattern, string][] = [];
  for (const [name, { workloads }] of clients)
    for (const pattern of workloads) {
      if (pattern.path.includes('*') || pattern.path.includes('**')) wide.push([pattern, name]);
      else exact.set(pattern.text, [...(exact.get(pattern.text) ?? []), name]);
    }
  const index = { exact, wide };
  indices.set(clients, index);
  return index;
}
