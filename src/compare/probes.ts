import type { RuleConfig } from '../config/schema.ts';
import type { HostPattern } from '../core/policy/host.ts';
import type { Pattern } from '../lib/pattern.ts';
import type { TrialRequest } from '../trial/trial.ts';
import { instancesOf, overlap } from './overlap.ts';
import type { Space } from './space.ts';

/** The part of a request that selects a rule. */
export type Probe = Pick<
  TrialRequest,
  'protocol' | 'method' | 'host' | 'path' | 'destination' | 'port' | 'context'
>;

type Match = RuleConfig['match'];

/** Matches every request of a protocol. */
export function everything(protocol: Match['protocol']): Match {
  return { protocol, hosts: [], methods: [], paths: [], context: {}, destinations: [], ports: [] };
}

/**
 * Requests that both matches cover, one for each way in which they can. The simplest comes first. Fresh names
 * stand for wildcards, so another rule covers such a request only if it covers everything that is like it.
 */
export function* probesOf(one: Match, other: Match, space: Space): Generator<Probe> {
  if (one.protocol !== other.protocol) return;
  const methods = both(one.methods, other.methods, ['GET', space.method]);
  const ports = both(one.ports, other.ports, [undefined]);
  const context = join(one.context, other.context);
  if (methods.length === 0 || ports.length === 0 || context === undefined) return;
  const destinations = destinationsOf(one, other, space);
  const route = { ...(Object.keys(context).length > 0 && { context }) };
  if (one.protocol === 'tcp') {
    for (const destination of destinations)
      for (const port of ports) yield { ...connection, ...route, ...named(destination, port) };
    return;
  }
  const hosts = hostsOf(one, other, space);
  if (hosts.length === 0) return;
  const paths = pathsOf(one, other, space);
  for (const destination of destinations)
    for (const port of ports)
      for (const path of paths)
        for (const method of methods)
          for (const host of hosts) yield { method, host, path, ...route, ...named(destination, port) };
}

/** What a request says beside its method, fresh names and the end of its host. */
export function shapeOf({ host, path, destination, port }: Probe, { fresh }: Pick<Space, 'fresh'>): string {
  const labels = host.replace(/\.?(:\d+)?$/, '').split('.');
  const named = [labels, path.split('/').slice(1)].map((list) =>
    list.filter((part) => part !== fresh && part !== ''),
  );
  return JSON.stringify([named, destination, port]);
}

const connection = { protocol: 'tcp', method: '', host: '', path: '' } as const;

function named(destination: string | undefined, port: number | undefined) {
  return { ...(destination !== undefined && { destination }), ...(port !== undefined && { port }) };
}

/** What both lists hold. An empty list holds everything, which `all` stands for. */
function both<T>(one: readonly T[], other: readonly T[], all: readonly T[]): readonly T[] {
  if (one.length === 0) return other.length === 0 ? all : other;
  return other.length === 0 ? one : one.filter((each) => other.includes(each));
}

function join(one: Match['context'], other: Match['context']): Match['context'] | undefined {
  for (const [name, value] of Object.entries(one))
    if (Object.hasOwn(other, name) && other[name] !== value) return undefined;
  return { ...one, ...other };
}

function hostsOf(one: Match, other: Match, space: Space): readonly string[] {
  const found = new Set<string>();
  const loose = new Set([...space.looseTails, ...space.tails]);
  for (const a of hostPatterns(one))
    for (const b of hostPatterns(other)) {
      if (a.tail !== undefined && b.tail !== undefined && a.tail !== b.tail) continue;
      const tail = a.tail ?? b.tail;
      for (const pattern of overlap(a.labels, b.labels))
        for (const labels of instancesOf(pattern, space.fresh, space.longestHost)) {
          if (labels.length === 0) continue;
          for (const end of a.tail === b.tail ? space.tails : loose)
            found.add(labels.join('.') + (tail || end));
        }
    }
  return [...found];
}

function hostPatterns({
  hosts,
}: Match): readonly (Pick<HostPattern, 'labels'> & { readonly tail?: string })[] {
  return hosts.length > 0 ? hosts : [{ labels: ['**'] }];
}

function pathsOf(one: Match, other: Match, space: Space): readonly string[] {
  const found = new Set<string>();
  for (const a of pathPatterns(one))
    for (const b of pathPatterns(other))
      for (const pattern of overlap(a, b))
        for (const segments of instancesOf(pattern, space.fresh, space.longestPath))
          for (const path of space.spellings(`/${segments.join('/')}`)) found.add(path);
  return [...found];
}

function pathPatterns({ paths }: Match): readonly Pattern[] {
  return paths.length > 0 ? paths : [['**']];
}

/** If neither side names one, a request whose proxy names no workload meets the fewest other rules. */
function destinationsOf(
  one: Match,
  other: Match,
  { fresh, longestId }: Space,
): readonly (string | undefined)[] {
  const [first, second] = [one.destinations, other.destinations];
  if (first.length === 0 && second.length === 0) return [undefined];
  const found = new Set<string>();
  for (const a of first.length > 0 ? first : second)
    for (const b of second.length > 0 ? second : first) {
      if (a.trustDomain !== b.trustDomain) continue;
      for (const pattern of overlap(a.path, b.path))
        for (const path of instancesOf(pattern, fresh, longestId))
          found.add(['spiffe:/', a.trustDomain, ...path].join('/'));
    }
  return [...found];
}
