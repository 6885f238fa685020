import { pathPattern } from '../config/fields.ts';
import { Malformed } from '../lib/malformed.ts';

/** Slashes and characters that match themselves. A dot must be escaped. */
const literal = String.raw`(?:\/|\\\/|[A-Za-z0-9_~@:-]|\\[._~@:-])+`;
/** `^/healthz$` and `^/healthz/?$`. */
const exact = new RegExp(String.raw`^\^(${literal})(?:\/\?)?\$$`);
/** `^/public/`, with or without an expression for the rest. */
const below = new RegExp(String.raw`^\^(${literal})(?:\.[*+]\$?)?$`);
/** `^/public(/.*)?$` and `^/public(/|$)`. */
const subtree = new RegExp(
  String.raw`^\^(${literal})(?:\((?:\?:)?\/\.\*\)\?\$|\((?:\?:)?(?:\/\|\$|\$\|\/)\))$`,
);

/**
 * A path pattern that covers no more than a regular expression of oauth2-proxy: an exact path, or all paths
 * below a whole segment. Everything else is Malformed, because a wider rule would let more requests pass. One
 * exception: Peerproof reads `/healthz/` as `/healthz`, so a rule also covers one slash at the end.
 */
export function regexToPath(regex: string): string | Malformed {
  const path = toPattern(regex);
  if (path instanceof Malformed) return path;
  if (path === '/*/**') return new Malformed('it covers every path, so no request would need a token');
  return pathPattern.safeParse(path).success ? path : new Malformed('a request cannot have this path');
}

function toPattern(regex: string): string | Malformed {
  const plain = withoutEscapes(exact.exec(regex)?.[1]);
  if (plain === '/' || (plain?.startsWith('/') && !plain.endsWith('/'))) return plain;
  const prefix = withoutEscapes(below.exec(regex)?.[1]);
  if (prefix?.startsWith('/') && prefix.endsWith('/')) return `${prefix}*/**`;
  const tree = withoutEscapes(subtree.exec(regex)?.[1]);
  if (tree?.startsWith('/') && !tree.endsWith('/')) return `${tree}/**`;
  return new Malformed(whyNot(regex, plain, prefix));
}

function withoutEscapes(literals: string | undefined): string | undefined {
  return literals?.replaceAll('\\', '');
}

function whyNot(regex: string, plain: string | undefined, prefix: string | undefined): string {
  if (plain?.endsWith('/')) return 'Peerproof treats a path with and without a slash at its end as the same';
  if (!regex.startsWith('^')) return 'without ^ it matches anywhere in a path';
  if (prefix !== undefined)
    return 'without $ or a slash at its end it also covers longer names with the same beginning';
  if (/(?:^|[^\\])\.(?![*+])/.test(regex)) return 'an unescaped dot matches any character';
  return 'it is not a single path, or all paths below one';
}
