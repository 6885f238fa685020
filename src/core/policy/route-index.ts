import type { SpiffeId, SpiffePattern } from '../peer/spiffe-id.ts';
import type { Host, HostPattern } from './host.ts';
import type { HttpMatch, Rule } from './rule.ts';

/**
 * A node of the trie. The steps are the destination's SPIFFE ID, a mark, the host's labels, a mark with the
 * host's tail, and the path's segments. `*` and `**` are separate branches.
 */
interface Node {
  readonly next: Map<string, Node>;
  one?: Node;
  any?: Node;
  /** Numbers of the rules that end here, in ascending order. */
  readonly rules: number[];
  /** The last search that entered this node, so that each search enters it once. */
  seen: number;
}

/** Marks end a destination and a host. They begin with a slash; labels and segments never do. */
const endOfDestination = '/';
const endOfHost = (tail: string) => `/${tail}`;
/** Replaces a mark for rules without destinations, or without hosts. */
const anything = '/any';

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
  readonly tries: Map<string, Node>;
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

  #trie(context: Readonly<Record<string, string>>): Node {
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

  /** The lowest matching rule below `best`, else `best`. */
  #first(root: Node, { destination, port, host, method, path }: Sought, best: number): number {
    const anywhere = this.#walk([root], [anything]);
    const from = destination
      ? [
          ...anywhere,
          ...this.#walk([root], [destination.trustDomain, ...destination.segments, endOfDestination]),
        ]
      : anywhere;
    const here = this.#walk(this.#walk(this.#walk(from, host.labels), [endOfHost(host.tail)]), path);
    let found = best;
    for (const { rules } of here) {
      for (const number of rules) {
        if (number >= found) break;
        const match = this.#rules[number]?.match;
        if (match?.protocol !== 'http') continue;
        if (match.ports.length > 0 && !match.ports.includes(port)) continue;
        if (match.methods.length === 0 || match.methods.includes(method)) found = number;
      }
    }
    return found;
  }

  /** The nodes that the steps lead to. */
  #walk(from: readonly Node[], steps: readonly string[]): readonly Node[] {
    let here = from;
    for (const step of steps) {
      const search = ++this.#search;
      const there: Node[] = [];
      const isMark = step.startsWith('/');
      for (const node of here) {
        const next = node.next.get(step);
        if (next) this.#enter(next, there, search);
        const other = isMark ? node.next.get(anything) : step === '' ? undefined : node.one;
        if (other) this.#enter(other, there, search);
        // A wildcard never matches a mark: a host ends where the path begins.
        if (!isMark && node.any === node) this.#enter(node, there, search);
      }
      here = there;
    }
    return here;
  }

  /** Enters a node, and its `**` node too, because `**` also matches zero steps. */
  #enter(node: Node, list: Node[], search: number): void {
    if (node.seen === search) return;
    node.seen = search;
    list.push(node);
    if (node.any && node.any !== node) this.#enter(node.any, list, search);
  }
}

function destinationSteps({ trustDomain, path }: SpiffePattern): readonly string[] {
  return [trustDomain, ...path, endOfDestination];
}

function hostSteps({ labels, tail }: HostPattern): readonly string[] {
  return [...labels, endOfHost(tail)];
}

function node(): Node {
  return { next: new Map(), rules: [], seen: 0 };
}

/** The node of a `**`: every step leads back to it. */
function loop(): Node {
  const own = node();
  own.any = own;
  return own;
}

function insert(root: Node, steps: readonly string[], number: number): void {
  let at = root;
  for (const step of steps) {
    if (step === '**') {
      at.any ??= loop();
      at = at.any;
    } else if (step === '*') {
      at.one ??= node();
      at = at.one;
    } else {
      const next = at.next.get(step) ?? node();
      at.next.set(step, next);
      at = next;
    }
  }
  at.rules.push(number);
}

/** A missing value becomes null, which no rule requires; texts are quoted. */
function contextKey(names: readonly string[], context: Readonly<Record<string, string>>): string {
  return names.length === 0
    ? ''
    : JSON.stringify(names.map((name) => (Object.hasOwn(context, name) ? context[name] : null)));
}
