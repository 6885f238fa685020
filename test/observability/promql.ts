/** As much of a query as these tests compare. It is **not** parsed: promtool does that. */
export interface Query {
  /** Each metric of Peerproof, or record about one, with the labels of its own matchers. */
  readonly selectors: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** The labels in `by`, `on`, `ignoring` and `group_left`. */
  readonly labels: readonly string[];
}

const selector = /([a-z_]+:)?peerproof_[a-z_]+(?::[a-z0-9_]+)?(?:\{([^}]*)\})?/g;
const clause = /\b(?:by|on|ignoring|group_left)\s*\(([^)]*)\)/g;

export function readQuery(text: string): Query {
  return {
    selectors: [...text.matchAll(selector)].map(([whole, , matchers = '']) => ({
      name: whole.replace(/\{.*/, ''),
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    })),
    labels: [...text.matchAll(clause)].flatMap(([, list = '']) =>
      list.split(',').map((label) => label.trim()),
    ),
  };
}
