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

/** The tries of all rules that ask for the same names of the context, by the values that they ask for. */
interface ContextShape {
  readonly names: readonly string[];
  readonly tries: Map<string, Node>;
}

/**
 * Finds the first rule that matches, without looking at each: hosts and paths lie in a trie, which is walked by every
 * branch at once. The cost grows with the request's labels and segments and with the wildcards on its way, not with the
 * number of rules. Rules that ask for a context lie in tries of their own, found by its values.
 */
export class RouteIndex {
  readonly #rules: readonly Rule[];
  readonly #shapes: ContextShape[] = [];
  #search = 0;

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
    for (const [number, { match }] of rules.entries())
      if (match.protocol === 'http') this.#add(number, match);
  }

  #add(number: number, match: HttpMatch): void {
    const root = this.#trie(match.context);
    const hosts = match.hosts.length > 0 ? match.hosts : [['**']];
    const paths = match.paths.length > 0 ? match.paths : [['**']];
    for (const host of hosts) for (const path of paths) insert(root, [...host, mark, ...path], number);
  }

  #trie(context: Readonly<Record<string, string>>): Node {
    const names = Object.keys(context).sort();
    const known = this.#shapes.find((one) => one.names.join('\n') === names.join('\n'));
    const shape = known ?? { names, tries: new Map() };
    if (!known) this.#shapes.push(shape);
    const key = valuesOf(names, context);
    const root = shape.tries.get(key) ?? node();
    shape.tries.set(key, root);
    return root;
  }

  find(
    host: readonly string[],
    method: string,
    path: readonly string[],
    context: Readonly<Record<string, string>>,
  ): Rule | undefined {
    const steps = [...host, mark, ...path];
    let best = this.#rules.length;
    for (const { names, tries } of this.#shapes) {
      const root = tries.get(valuesOf(names, context));
      if (root) best = this.#first(root, steps, method, best);
    }
    return this.#rules[best];
  }

  /** The lowest rule below `best` that the steps lead to, else `best`. */
  #first(root: Node, steps: readonly string[], method: string, best: number): number {
    let here: Node[] = [];
    this.#enter(root, here, ++this.#search);
    for (const step of steps) {
      const search = ++this.#search;
      const there: Node[] = [];
      for (const node of here) {
        const next = node.next.get(step);
        if (next) this.#enter(next, there, search);
        // The mark belongs to neither wildcard: a host ends where the path begins.
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
        if (match?.protocol !== 'http') continue;
        if (match.methods.length === 0 || match.methods.includes(method)) found = number;
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

/** Absent values are undefined, which no rule asks for: JSON writes them as null and texts in quotes. */
function valuesOf(names: readonly string[], context: Readonly<Record<string, string>>): string {
  return names.length === 0
    ? ''
    : JSON.stringify(names.map((name) => (Object.hasOwn(context, name) ? context[name] : null)));
}
