/**
 * The trie of destinations, hosts and paths, in which `RouteIndex` searches. The steps are the destination's
 * SPIFFE ID, a mark, the host's labels, a mark with the host's tail, and the path's segments.
 */

/** A node of the trie. `*` and `**` are separate branches. */
export interface RouteNode {
  /** The only child and its step, until there are two. Most nodes have one, and a map takes much memory. */
  step: string;
  child: RouteNode | undefined;
  children: Map<string, RouteNode> | undefined;
  one: RouteNode | undefined;
  any: RouteNode | undefined;
  /** Numbers of the rules that end here, in ascending order. */
  rules: number[];
  /** The last search that entered this node, so that each search enters it once. */
  seen: number;
}

/** Marks end a destination and a host. They begin with a slash; labels and segments never do. */
export const endOfDestination = '/';
export const endOfHost = (tail: string) => `/${tail}`;
/** Replaces a mark for rules without destinations, or without hosts. */
export const anything = '/any';

/** Shared by all nodes without rules, and never changed. */
export const none: number[] = [];

export function node(): RouteNode {
  return {
    step: '',
    child: undefined,
    children: undefined,
    one: undefined,
    any: undefined,
    rules: none,
    seen: 0,
  };
}

export function childOf({ step: only, child, children }: RouteNode, step: string): RouteNode | undefined {
  if (children) return children.get(step);
  return only === step ? child : undefined;
}

function addChild(parent: RouteNode, step: string): RouteNode {
  const child = node();
  if (parent.children) parent.children.set(step, child);
  else if (parent.child)
    parent.children = new Map([
      [parent.step, parent.child],
      [step, child],
    ]);
  else {
    parent.step = step;
    parent.child = child;
  }
  return child;
}

/** The node of a `**`: every step leads back to it. */
function loop(): RouteNode {
  const own = node();
  own.any = own;
  return own;
}

export function insert(root: RouteNode, steps: readonly string[], number: number): void {
  let at = root;
  for (const step of steps) {
    if (step === '**') {
      at.any ??= loop();
      at = at.any;
    } else if (step === '*') {
      at.one ??= node();
      at = at.one;
    } else at = childOf(at, step) ?? addChild(at, step);
  }
  if (at.rules === none) at.rules = [number];
  else at.rules.push(number);
}
