import type { HttpMatch, Rule } from './rule.ts';

/** A step of the trie: host labels, then the mark, then path segments. `*` and `**` are branches of their own. */
interface Node {
  readonly next: Map<string, Node>;
  one?: Node;
  any?: Node;
  /** Rules that end here, lowest number first. */
  readonly rules: number[];
  /** Set while a search stands on this node, so that it stands there once. */
  seen: number;
}

/** Ends the host: no label and no segment is empty. */
const mark = '';

/**
 * Finds the first rule that matches, without looking at each: all hosts and paths lie in one trie, which is walked by
 * every branch at once. The cost grows with the request's labels and segments and with the wildcards on its way, not
 * with the number of rules. Rules that ask for a context lie in tries of their own, one for each of its first pairs.
 */
export class RouteIndex {
  readonly #rules: readonly Rule[];
  readonly #plain: Node = node();
  readonly #byContext = new Map<string, Node>();
  #search = 0;

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
    for (const [number, { match }] of rules.entries())
      if (match.protocol === 'http') this.#add(number, match);
  }

  #add(number: number, match: HttpMatch): void {
    const [first] = Object.entries(match.context).sort();
    const root = first ? this.#contextTrie(contextKey(...first)) : this.#plain;
    const hosts = match.hosts.length > 0 ? match.hosts : [['**']];
    const paths = match.paths.length > 0 ? match.paths : [['**']];
    for (const host of hosts) for (const path of paths) insert(root, [...host, mark, ...path], number);
  }

  #contextTrie(key: string): Node {
    const root = this.#byContext.get(key) ?? node();
    this.#byContext.set(key, root);
    return root;
  }

  find(
    host: readonly string[],
    method: string,
    path: readonly string[],
    context: Readonly<Record<string, string>>,
  ): Rule | undefined {
    const steps = [...host, mark, ...path];
    let best = this.#first(this.#plain, steps, method, context, this.#rules.length);
    for (const pair of Object.entries(context)) {
      const root = this.#byContext.get(contextKey(...pair));
      if (root) best = this.#first(root, steps, method, context, best);
    }
    return this.#rules[best];
  }

  /** The lowest rule below `best` that the steps lead to, else `best`. */
  #first(
    root: Node,
    steps: readonly string[],
    method: string,
    context: Readonly<Record<string, string>>,
    best: number,
  ): number {
    let here: Node[] = [];
    this.#enter(root, here, ++this.#search);
    for (const step of steps) {
      const search = ++this.#search;
      const there: Node[] = [];
      for (const node of here) {
        const next = node.next.get(step);
        if (next) this.#enter(next, there, search);
        // The mark belongs to neither wildcard: a host's ** must not swallow the path.
        if (step === mark) continue;
        if (node.one) this.#enter(node.one, there, search);
        if (node.any === node) this.#enter(node, there, search);
      }
      here = there;
    }
    let found = best;
    for (const { rules } of here) {
      for (const number of rules) {
        if (number >= found) break;
        const match = this.#rules[number]?.match;
        if (match?.protocol === 'http' && covers(match, method, context)) found = number;
      }
    }
    return found;
  }

  /** Stands on a node, and on the one of its `**`, which also matches no step at all. */
  #enter(node: Node, list: Node[], search: number): void {
    if (node.seen === search) return;
    node.seen = search;
    list.push(node);
    if (node.any && node.any !== node) this.#enter(node.any, list, search);
  }
}

function node(): Node {
  return { next: new Map(), rules: [], seen: 0 };
}

/** The node of a `**`: it stays where it is at every step. */
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

function covers(match: HttpMatch, method: string, context: Readonly<Record<string, string>>): boolean {
  if (match.methods.length > 0 && !match.methods.includes(method)) return false;
  return Object.entries(match.context).every(
    ([key, value]) => Object.hasOwn(context, key) && context[key] === value,
  );
}

function contextKey(key: string, value: string): string {
  return JSON.stringify([key, value]);
}
