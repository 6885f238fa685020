import { mapInSteps, type Steps } from '../../lib/in-turns.ts';
import { createSharing } from '../../lib/share.ts';
import type { SpiffeId } from '../peer/spiffe-id.ts';
import type { Host } from './host.ts';
import { neighbours } from './route-neighbours.ts';
import {
  anything,
  childOf,
  covers,
  endOfDestination,
  endOfHost,
  insert,
  isMark,
  node,
  noRule,
  type RouteNode,
} from './route-trie.ts';
import { asRequests, waysOf } from './route-ways.ts';
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

/** What the trie does not compare. Most rules share it, so a check reads it from the cache of the processor. */
interface Demands {
  readonly ports: readonly number[];
  readonly methods: readonly string[];
}

/** The tries of all rules that require the same context names, by the required values. */
interface ContextShape {
  readonly names: readonly string[];
  readonly tries: Map<string, RouteNode>;
}

/** Steps of one search, about 2 ms. With very many wildcards, a request has more ways through the trie. */
const mostSteps = 200_000;

/**
 * Finds the first rule that matches without testing each one. Destinations, hosts and paths form a trie, and
 * a search follows all matching branches at once. The cost grows with the labels and segments of the request
 * and the wildcards on the way, not with the number of rules. Rules with a context have tries of their own,
 * found by its values.
 */
export class RouteIndex {
  readonly #rules: readonly Rule[];
  /** By the number of the rule. */
  readonly #demands: (Demands | undefined)[] = [];
  readonly #shapes: ContextShape[] = [];
  #namesDestinations = false;
  #search = 0;
  /** Steps that the search may still take. */
  #left = mostSteps;
  /**
   * The nodes that a search has reached, and room for its next step. Only the first `#count` are valid. A
   * search never waits, so all searches share the lists.
   */
  #here: RouteNode[] = [];
  #there: RouteNode[] = [];
  #count = 0;
  /** The folded nodes that cover the request. Only the first `#endCount` are valid. */
  readonly #ends: RouteNode[] = [];
  #endCount = 0;

  private constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** @param protocol those of the other protocol are left out */
  static *make(rules: readonly Rule[], protocol: Rule['match']['protocol'] = 'http'): Steps<RouteIndex> {
    const index = new RouteIndex(rules);
    const share = createSharing();
    yield* mapInSteps(rules, ({ match }, number) => {
      if (match.protocol === protocol) index.#add(number, asRequests(match), share);
    });
    return index;
  }

  #add(number: number, match: HttpMatch, share: ReturnType<typeof createSharing>): void {
    this.#demands[number] = share({ ports: match.ports, methods: match.methods });
    const root = this.#trie(match.context);
    if (match.destinations.length > 0) this.#namesDestinations = true;
    for (const way of waysOf(match)) insert(root, way, number, share);
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

  /** Undefined also if the search takes too many steps: see `gaveUp`. */
  find(sought: Sought): Rule | undefined {
    this.#left = mostSteps;
    let best = this.#rules.length;
    for (const { names, tries } of this.#shapes) {
      const root = tries.get(contextKey(names, sought.context));
      if (root) best = this.#first(root, sought, best);
    }
    return this.gaveUp ? undefined : this.#rules[best];
  }

  /** Whether the last search took too many steps. */
  get gaveUp(): boolean {
    return this.#left < 0;
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
  #first(root: RouteNode, sought: Sought, best: number): number {
    const { destination, host, path } = sought;
    const named = destination ? [destination.trustDomain, ...destination.segments, endOfDestination] : [];
    const steps = [...named, ...host.labels, endOfHost(host.tail), ...path];
    this.#endCount = 0;
    this.#count = 0;
    if (destination) {
      this.#here[0] = root;
      this.#count = 1;
      this.#followAll(steps, 0, named.length);
    }
    const anywhere = childOf(root, anything);
    if (anywhere) this.#enter(anywhere, this.#here, steps, named.length, ++this.#search);
    this.#followAll(steps, named.length, steps.length);
    let found = best;
    for (let n = 0; n < this.#count; n++) found = this.#lowest(this.#here[n] as RouteNode, sought, found);
    for (let n = 0; n < this.#endCount; n++) found = this.#lowest(this.#ends[n] as RouteNode, sought, found);
    return found;
  }

  /** The lowest rule of a node below `best` that has the method and the port, else `best`. */
  #lowest({ rule, others }: RouteNode, sought: Sought, best: number): number {
    if (rule === noRule || rule >= best) return best;
    if (this.#accepts(rule, sought)) return rule;
    for (const number of others) {
      if (number >= best) break;
      if (this.#accepts(number, sought)) return number;
    }
    return best;
  }

  #accepts(number: number, { port, method }: Sought): boolean {
    const demands = this.#demands[number];
    if (!demands) return false;
    const { ports, methods } = demands;
    if (ports.length > 0 && !ports.includes(port)) return false;
    return methods.length === 0 || methods.includes(method);
  }

  #followAll(steps: readonly string[], from: number, to: number): void {
    for (let at = from; at < to && this.#count > 0 && this.#left >= 0; at++) this.#follow(steps, at);
  }

  /** Goes from all nodes of `here` to those that one step leads to. */
  #follow(steps: readonly string[], at: number): void {
    const step = steps[at] as string;
    const here = this.#here;
    const there = this.#there;
    const reached = this.#count;
    this.#left -= reached;
    const search = ++this.#search;
    this.#count = 0;
    const isEnd = isMark(step);
    for (let n = 0; n < reached; n++) {
      const node = here[n] as RouteNode;
      const next = childOf(node, step);
      if (next) this.#enter(next, there, steps, at + 1, search);
      const other = isEnd ? childOf(node, anything) : step === '' ? undefined : node.one;
      if (other) this.#enter(other, there, steps, at + 1, search);
      // A wildcard never matches a mark: a host ends where the path begins.
      if (!isEnd && node.any === node) this.#enter(node, there, steps, at + 1, search);
    }
    this.#here = there;
    this.#there = here;
  }

  /**
   * Enters a node, and its `**` node too, because `**` also matches zero steps. A folded node is decided at
   * once, by the steps from `at` on.
   */
  #enter(node: RouteNode, list: RouteNode[], steps: readonly string[], at: number, search: number): void {
    if (node.seen === search) return;
    node.seen = search;
    if (node.rest.length > 0) {
      this.#left -= node.rest.length * (steps.length - at);
      if (this.#left >= 0 && covers(node.rest, steps, at)) this.#ends[this.#endCount++] = node;
      return;
    }
    list[this.#count++] = node;
    if (node.any && node.any !== node) this.#enter(node.any, list, steps, at, search);
  }
}

/** How many sets of context names are looked at for what is near. */
const mostShapes = 4;

/** A missing value becomes null, which no rule requires; texts are quoted. */
function contextKey(names: readonly string[], context: Readonly<Record<string, string>>): string {
  return names.length === 0
    ? ''
    : JSON.stringify(names.map((name) => (Object.hasOwn(context, name) ? context[name] : null)));
}
