import { normalizePath } from '../core/policy/path.ts';
import { type JsonObject, listOf, recordOf, textOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { wrongScheme } from '../sources/https-only.ts';

type Say = (path: readonly PropertyKey[], message: string) => void;

/** Checks the resources with a document against each other. The document may have any shape. */
export function crossCheckResourceMetadata(root: JsonObject, say: Say): void {
  const resources = listOf(root.resourceMetadata).map(recordOf);
  const seen = new Set<string>();
  for (const [at, { resource }] of resources.entries()) {
    const path = ['resourceMetadata', at, 'resource'];
    const text = textOf(resource);
    if (!URL.canParse(text)) continue;
    const wrong = checkIdentifier(text);
    if (wrong) say(path, wrong);
    if (seen.has(new URL(text).href)) say(path, 'is the resource of another entry too: each must be unique');
    seen.add(new URL(text).href);
  }
  if (recordOf(root.listen).metadata !== undefined && resources.length === 0)
    say(
      ['listen', 'metadata'],
      'has nothing to serve without resourceMetadata: remove it, or add a resource',
    );
}

function checkIdentifier(text: string): string | undefined {
  const url = new URL(text);
  // Clients compare it with the URL that they know (RFC 9728 §3.3).
  if (url.href !== text && url.href !== `${text}/`) return `must be written as ${url.href}`;
  const { pathname } = url;
  const path = normalizePath(pathname);
  if (path instanceof Malformed) return `has a path that no rule covers (${path.why})`;
  return wrongScheme(text, false) && 'must be https; http is allowed only to this machine';
}
