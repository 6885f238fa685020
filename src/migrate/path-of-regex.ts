import { pathPattern } from '../config/fields.ts';
import { Malformed } from '../lib/malformed.ts';

/** A slash and whole segments of signs that mean themselves; a dot must be escaped. */
const literal = String.raw`(?:\/|\\\/|[A-Za-z0-9_~@:-]|\\[._~@:-])+`;
/** `^/healthz$` and `^/healthz/?$`. */
const exact = new RegExp(String.raw`^\^(${literal})(?:\/\?)?\$$`);
/** `^/public/`, with or without something that means the rest. */
const below = new RegExp(String.raw`^\^(${literal})(?:\.[*+]\$?)?$`);
/** `^/public(/.*)?$` and `^/public(/|$)`. */
const subtree = new RegExp(
  String.raw`^\^(${literal})(?:\((?:\?:)?\/\.\*\)\?\$|\((?:\?:)?(?:\/\|\$|\$\|\/)\))$`,
);

/**
 * The path pattern that covers nothing more than a regular expression of oauth2-proxy: an exact path, or all below a whole
 * segment. Everything else is Malformed, with why: a wider rule would let somebody in. Peerproof takes `/healthz/` for
 * `/healthz`, so one slash at the end is the only thing that a rule covers beside the expression.
 */
export function pathOfRegex(regex: string): string | Malformed {
  const path = patternOf(regex);
  if (path instanceof Malformed) return path;
  if (path === '/*/**') return new Malformed('it covers everything: nothing would need a token');
  return pathPattern.safeParse(path).success ? path : new Malformed('it is no path that a request can have');
}

function patternOf(regex: string): string | Malformed {
  const plain = plainOf(exact.exec(regex)?.[1]);
  if (plain === '/' || (plain?.startsWith('/') && !plain.endsWith('/'))) return plain;
  const prefix = plainOf(below.exec(regex)?.[1]);
  if (prefix?.startsWith('/') && prefix.endsWith('/')) return `${prefix}*/**`;
  const tree = plainOf(subtree.exec(regex)?.[1]);
  if (tree?.startsWith('/') && !tree.endsWith('/')) return `${tree}/**`;
  return new Malformed(whyNot(regex, plain, prefix));
}

function plainOf(literals: string | undefined): string | undefined {
  return literals?.replaceAll('\\', '');
}

function whyNot(regex: string, plain: string | undefined, prefix: string | undefined): string {
  if (plain?.endsWith('/')) return 'Peerproof does not tell a path from the same with a slash at its end';
  if (!regex.startsWith('^')) return 'without ^ it is found anywhere in a path';
  if (prefix !== undefined)
    return 'without $ or a slash at its end it also covers paths that merely begin like this';
  if (/(?:^|[^\\])\.(?![*+])/.test(regex)) return 'an unescaped dot is any sign';
  return 'it is more than a path, or all below one';
}
