/**
 * The trie of destinations, hosts and paths, in which `RouteIndex` searches. The steps are the destination's
 * SPIFFE ID, a mark, the host's labels, a mark with the host's tail, and the path's segments.
 */

/**
 * A node of the trie. `*` and `**` are separate branches. Where only one way leads on, the node is folded: it
 * keeps the steps of that way, and not a node for each. Thousands of rules then need few nodes, and a check
 * reads few of them. A search reads the first four members of a folded node.
 */
export interface RouteNode {
  /** The last search that entered this node, so that each search enters it once. */
  seen: number;
  /** The steps that must follow before the rules apply. If there are any, the node has no other branch. */
  rest: readonly string[];
  /** The lowest number of the rules that end here; `noRule` if there are none. */
  rule: number;
  /** The numbers of the other rules, in ascending order. */
  others: number[];
  /** The only child and its step, until there are two. Most nodes have one, and a map takes much memory. */
  step: string;
  child: RouteNode | undefined;
  children: Map<string, RouteNode> | undefined;
  one: RouteNode | undefined;
  any: RouteNode | undefined;
}

/** Marks end a destination and a host. They begin with a slash; labels and segments never do. */
export const endOfDestination = '/';
export const endOfHost = (tail: string) => (tail === '' ? '/' : `/${tail}`);
/** Replaces a mark for rules without destinations, or without hosts. */
export const anything = '/any';
const slash = 47;
export const isMark = (step: string) => step.charCodeAt(0) === slash;

export const noRule = -1;
/** Shared by all nodes that have none, and never changed. */
const none: never[] = [];

export function node(): RouteNode {
  return {
    seen: 0,
    rest: none,
    rule: noRule,
    others: none,
    step: '',
    child: undefined,
    children: undefined,
    one: undefined,
    any: undefined,
  };
}

export function childOf({ step: only, child, children }: RouteNode, step: string): RouteNode | undefined {
  if (children) return children.get(step);
  return only === step ? child : undefined;
}

/** Makes one of equal lists of steps, see `createSharing`. */
type Share = (steps: readonly string[]) => readonly string[];
const asIs: Share = (steps) => steps;

/** Numbers must come in ascending order. */
export function insert(root: RouteNode, steps: readonly string[], number: number, share: Share): void {
  addRule(endOf(root, steps, share), number);
}

/** The node where the rules of a way belong. Adds what is missing. */
function endOf(root: RouteNode, steps: readonly string[], share: Share): RouteNode {
  let at = root;
  let repeats = false;
  for (const [index, step] of steps.entries()) {
    if (isSame(at.rest, steps, index)) return at;
    unfold(at, share);
    const next = step === '**' ? at.any : step === '*' ? at.one : childOf(at, step);
    if (!next) return grow(at, steps.slice(index), share, repeats);
    at = next;
    repeats = doesRepeat(step, repeats);
  }
  unfold(at, share);
  return at;
}

function unfold(node: RouteNode, share: Share): void {
  if (node.rest.length > 0) Object.assign(node, unfolded(node, share));
}

/** The same node with nodes of its own for its next step. Does **not** change the folded one. */
export function unfolded(folded: RouteNode, share = asIs): RouteNode {
  const { rest, rule, others, seen } = folded;
  if (rest.length === 0) return folded;
  const open = { ...node(), seen };
  Object.assign(grow(open, rest, share), { rule, others });
  return open;
}

/** Adds a way, folded as soon as possible. Returns the node where its rules belong. */
function grow(from: RouteNode, steps: readonly string[], share: Share, repeated = false): RouteNode {
  let at = from;
  let repeats = repeated;
  for (const [index, step] of steps.entries()) {
    at = addBranch(at, step);
    repeats = doesRepeat(step, repeats);
    if (repeats) continue;
    at.rest = share(steps.slice(index + 1));
    break;
  }
  return at;
}

/**
 * Whether one search can enter the node after a step several times: a `**` is before it, in the same part.
 * Such a node is not folded, because each entry would compare all of its rest.
 */
function doesRepeat(step: string, repeated: boolean): boolean {
  return !isMark(step) && (repeated || step === '**');
}

function addBranch(parent: RouteNode, step: string): RouteNode {
  const branch = node();
  if (step === '**') {
    // Every step leads back to it.
    branch.any = branch;
    parent.any = branch;
  } else if (step === '*') parent.one = branch;
  else if (parent.children) parent.children.set(step, branch);
  else if (parent.child) {
    parent.children = new Map([
      [parent.step, parent.child],
      [step, branch],
    ]);
    parent.child = undefined;
  } else {
    parent.step = step;
    parent.child = branch;
  }
  return branch;
}

function addRule(at: RouteNode, number: number): void {
  if (at.rule === noRule) at.rule = number;
  else if (at.others === none) at.others = [number];
  else at.others.push(number);
}

function isSame(rest: readonly string[], steps: readonly string[], from: number): boolean {
  return rest.length === steps.length - from && rest.every((step, at) => step === steps[from + at]);
}

/**
 * Whether the rest of a folded node covers the steps of a request from `from` on, as the nodes would: `**`
 * never covers a mark, and `*` neither a mark nor an empty segment. Takes time proportional to rest × steps
 * at most.
 */
export function covers(rest: readonly string[], steps: readonly string[], from: number): boolean {
  let at = from;
  let p = 0;
  // Greedy with one stored retry, as `matchesPattern`. Both have the same number of marks, so a `**` that
  // covers one lacks it at the end, and what is before a mark need not be tried again after it.
  let retryRest = -1;
  let retryAt = -1;
  while (at < steps.length) {
    const part = rest[p];
    const step = steps[at] as string;
    if (part === '**') {
      retryRest = p++;
      retryAt = at;
    } else if (isMark(step) && (part === step || part === anything)) {
      retryRest = -1;
      p++;
      at++;
    } else if (!isMark(step) && (part === step || (part === '*' && step !== ''))) {
      p++;
      at++;
    } else if (retryRest >= 0) {
      p = retryRest + 1;
      at = ++retryAt;
    } else {
      return false;
    }
  }
  while (rest[p] === '**') p++;
  return p === rest.length;
}
