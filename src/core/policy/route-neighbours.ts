import { anything, childOf, isMark, noRule, type RouteNode, unfolded } from './route-trie.ts';

/** A node of the trie, and the steps of a request from there. */
export interface Start {
  readonly root: RouteNode;
  readonly steps: readonly string[];
}

/** The most nodes on the way, nodes at once, and rules from one place and from all. */
const limits = { nodes: 512, width: 16, rulesAtPlace: 8, rules: 32 };

/**
 * Numbers of rules near a request that no rule matches: those below the places where its steps end, the last
 * place first. Each number once. A caller can ask for what does not exist as often as he likes, so this is
 * bounded, and may miss a rule.
 */
export function neighbours(starts: readonly Start[]): readonly number[] {
  const found = new Set<number>();
  // A `*` or `**` can lead to one place at each step. Each walk through deep rules is expensive.
  for (const start of starts)
    for (const place of new Set(lastPlaces(start, limits.nodes / starts.length))) {
      let left = limits.rulesAtPlace;
      for (const number of rulesBelow(place)) {
        if (found.size >= limits.rules) return [...found];
        if (left-- === 0) break;
        found.add(number);
      }
    }
  return [...found];
}

/** The nodes that the last step reaches, then those that no step leads on from, the deepest first. */
function lastPlaces({ root, steps }: Start, most: number): readonly RouteNode[] {
  const ends: RouteNode[] = [];
  const first = unfolded(root);
  let here: RouteNode[] = first.any ? [first, first.any] : [first];
  let left = most;
  for (const step of steps) {
    const there: RouteNode[] = [];
    for (const node of here) {
      if (left-- < 1) return [...here, ...ends.reverse()];
      if (!follow(node, step, there)) ends.push(node);
    }
    here = there;
    if (here.length === 0) break;
  }
  return [...here, ...ends.reverse()];
}

/**
 * Adds the nodes that one step leads to, as the search of `RouteIndex` does, without folded ones. Returns
 * whether there are any.
 */
function follow(node: RouteNode, step: string, there: RouteNode[]): boolean {
  const isEnd = isMark(step);
  const next = opened(childOf(node, step));
  const other = opened(isEnd ? childOf(node, anything) : step === '' ? undefined : node.one);
  const same = !isEnd && node.any === node ? node : undefined;
  for (const one of [next, next?.any, other, other?.any, same])
    if (one && there.length < limits.width && !there.includes(one)) there.push(one);
  return next !== undefined || other !== undefined || same !== undefined;
}

function opened(node: RouteNode | undefined): RouteNode | undefined {
  return node && unfolded(node);
}

/** Lazily, so that a place with thousands of rules costs what is taken of it. */
function* rulesBelow(node: RouteNode): Generator<number> {
  if (node.rule !== noRule) yield node.rule;
  yield* node.others;
  if (node.one) yield* rulesBelow(node.one);
  if (node.any && node.any !== node) yield* rulesBelow(node.any);
  if (node.children) for (const child of node.children.values()) yield* rulesBelow(child);
  else if (node.child) yield* rulesBelow(node.child);
}
