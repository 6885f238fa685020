import type { SpiffeId, SpiffePattern } from '../peer/spiffe-id.ts';
import type { Host, HostPattern } from './host.ts';
import { neighbours } from './route-neighbours.ts';
import {
  anything,
  childOf,
  endOfDestination,
  endOfHost,
  insert,
  node,
  none,
  type RouteNode,
} from './route-trie.ts';
import type { HttpMatch, Rule } from './rule.ts';

/** The properties of a request that select a rule. */
export interface Sought {
  /** Undefined if the proxy does not name a workload. Rules with destinations never match then. */
  readonly destination: SpiffeId | undefined;
  readonly port: number;
  readonly host: Host;
  readonly method: string;
  readonly path: readonly string[];
  readonly context: Readonly<Record<string, string>>;
}

/** The tries of all rules that require the same context names, by the required values. */
interface ContextShape {
  readonly names: readonly string[];
  readonly tries: Map<string, RouteNode>;
}

/**
 * Finds the first rule that matches without testing each one. Destinations, hosts and paths form a trie, and
 * a search follows all matching branches at once. The cost grows with the labels and segments of the request
 * and the wildcards on the way, not with the number of rules. Rules with a context have tries of their own,
 * found by its values.
 */
export class RouteIndex {
  readonly #rules: readonly Rule[];
  readonly #shapes: ContextShape[] = [];
  #namesDestinations = false;
  #search = 0;
  /**
   * The nodes that a search has reached, and room for its next step. Only the first `#count` are valid. A
   * search never waits, so all searches share the lists.
   */
  #here: RouteNode[] = [];
  #there: RouteNode[] = [];
  #count = 0;

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
    for (const [number, { match }] of rules.entries())
      if (match.protocol === 'http') this.#add(number, match);
  }

  #add(number: number, match: HttpMatch): void {
    const root = this.#trie(match.context);
    const destinations =
      match.destinations.length > 0 ? match.destinations.map(destinationSteps) : [[anything]];
    const hosts = match.hosts.length > 0 ? match.hosts.map(hostSteps) : [['**', anything]];
    const paths = match.paths.length > 0 ? match.paths : [['**']];
    if (match.destinations.length > 0) this.#namesDestinations = true;
    for (const destination of destinations)
      for (const host of hosts)
        for (const path of paths) insert(root, [...destination, ...host, ...path], number);
  }

  #trie(context: Readonly<Record<string, string>>): RouteNode {
    const names = Object.keys(context).sort();
    const known = this.#shapes.find((one) => one.names.join('\n') === names.join('\n'));
    const shape = known ?? { names, tries: new Map() };
    if (!known) this.#shapes.push(shape);
    const key = contextKey(names, context);
    const root = shape.tries.get(key) ?? node();
    shape.tries.set(key, root);
    return root;
  }

  /** Whether any rule names a destination. */
  get namesDestinations(): boolean {
    return this.#namesDestinations;
  }

  find(sought: Sought): Rule | undefined {
    let best = this.#rules.length;
    for (const { names, tries } of this.#shapes) {
      const root = tries.get(contextKey(names, sought.context));
      if (root) best = this.#first(root, sought, best);
    }
    return this.#rules[best];
  }

  /**
   * Rules that end near the place where the search for a request ends, the nearest first. A bounded number:
   * a caller can ask for what does not exist as often as he likes. For the log only.
   */
  near({ destination, host, path, context }: Sought): readonly Rule[] {
    const steps = [...host.labels, endOfHost(host.tail), ...path];
    const named = destination && [destination.trustDomain, ...destination.segments, endOfDestination];
    const starts = this.#shapes.slice(0, mostShapes).flatMap(({ names, tries }) => {
      const root = tries.get(contextKey(names, context));
      const anywhere = root && childOf(root, anything);
      return [
        ...(root && named ? [{ root, steps: [...named, ...steps] }] : []),
        ...(anywhere ? [{ root: anywhere, steps }] : []),
      ];
    });
    return neighbours(starts).flatMap((number) => this.#rules[number] ?? []);
  }

  /** The lowest matching rule below `best`, else `best`. */
  #first(root: RouteNode, { destination, port, host, method, path }: Sought, best: number): number {
    this.#count = 0;
    if (destination) {
      this.#here[0] = root;
      this.#count = 1;
      this.#follow(destination.trustDomain);
      this.#followAll(destination.segments);
      this.#follow(endOfDestination);
    }
    const anywhere = childOf(root, anything);
    if (anywhere) this.#enter(anywhere, this.#here, ++this.#search);
    this.#followAll(host.labels);
    this.#follow(endOfHost(host.tail));
    this.#followAll(path);
    let found = best;
    for (let n = 0; n < this.#count; n++) {
      for (const number of this.#here[n]?.rules ?? none) {
        if (number >= found) break;
        const match = this.#rules[number]?.match;
        if (match?.protocol !== 'http') continue;
        if (match.ports.length > 0 && !match.ports.includes(port)) continue;
        if (match.methods.length === 0 || match.methods.includes(method)) found = number;
      }
    }
    return found;
  }

  #followAll(steps: readonly string[]): void {
    for (const step of steps) this.#follow(step);
  }

  /** Goes from all nodes of `here` to those that one step leads to. */
  #follow(step: string): void {
    const here = this.#here;
    const there = this.#there;
    const reached = this.#count;
    const search = ++this.#search;
    this.#count = 0;
    const isMark = step.startsWith('/');
    for (let n = 0; n < reached; n++) {
      const node = here[n] as RouteNode;
      const next = childOf(node, step);
      if (next) this.#enter(next, there, search);
      const other = isMark ? childOf(node, anything) : step === '' ? undefined : node.one;
      if (other) this.#enter(other, there, search);
      // A wildcard never matches a mark: a host ends where the path begins.
      if (!isMark && node.any === node) this.#enter(node, there, search);
    }
    this.#here = there;
    this.#there = here;
  }

  /** Enters a node, and its `**` node too, because `**` also matches zero steps. */
  #enter(node: RouteNode, list: RouteNode[], search: number): void {
    if (node.seen === search) return;
    node.seen = search;
    list[this.#count++] = node;
    if (node.any && node.any !== node) this.#enter(node.any, list, search);
  }
}

/** How many sets of context names are looked at for what is near. */
const mostShapes = 4;

function destinationSteps({ trustDomain, path }: SpiffePattern): readonly string[] {
  return [trustDomain, ...path, endOfDestination];
}

function hostSteps({ labels, tail }: HostPattern): readonly string[] {
  return [...labels, endOfHost(tail)];
}

/** A missing value becomes null, which no rule requires; texts are quoted. */
function contextKey(names: readonly string[], context: Readonly<Record<string, string>>): string {
  return names.length === 0
    ? ''
    : JSON.stringify(names.map((name) => (Object.hasOwn(context, name) ? context[name] : null)));
}
