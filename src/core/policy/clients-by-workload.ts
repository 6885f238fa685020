import type { RegisteredClient } from '../binding/proof.ts';
import { matchesSpiffePattern, type SpiffeId, type SpiffePattern } from '../peer/spiffe-id.ts';

export type Clients = ReadonlyMap<string, RegisteredClient>;

/** The clients of a configuration by their workloads: a look at each of ten thousand takes milliseconds. */
interface Index {
  /** By a pattern without wildcards. */
  readonly exact: ReadonlyMap<string, readonly string[]>;
  readonly wide: readonly (readonly [pattern: SpiffePattern, client: string])[];
  /** What was found before, by SPIFFE ID. */
  readonly found: Map<string, readonly string[]>;
}

/** Workloads whose clients are remembered. There are as many as an authority of the mesh has named. */
const mostFound = 1_000;

/** A configuration never changes its clients, and a reload brings a new map. */
const indices = new WeakMap<Clients, Index>();

/** The names of the clients that are registered for a proven workload, each once. */
export function clientsOf(id: SpiffeId, clients: Clients): readonly string[] {
  const { exact, wide, found } = indexOf(clients);
  const known = found.get(id.uri);
  if (known) return known;
  const matching = wide.filter(([pattern]) => matchesSpiffePattern(pattern, id)).map(([, name]) => name);
  const names = [...new Set([...(exact.get(id.uri) ?? []), ...matching])];
  if (found.size >= mostFound) found.clear();
  found.set(id.uri, names);
  return names;
}

function indexOf(clients: Clients): Index {
  const known = indices.get(clients);
  if (known) return known;
  const exact = new Map<string, string[]>();
  const wide: [SpiffePattern, string][] = [];
  for (const [name, { workloads }] of clients)
    for (const pattern of workloads) {
      const known = exact.get(pattern.text);
      if (pattern.path.includes('*') || pattern.path.includes('**')) wide.push([pattern, name]);
      // Not a copy of the list for each client: one workload may send for all of them.
      else if (known) known.push(name);
      else exact.set(pattern.text, [name]);
    }
  const index = { exact, wide, found: new Map() };
  indices.set(clients, index);
  return index;
}
