import { readFileSync } from 'node:fs';

/** The version of Peerproof, from its own package, and that of the Node that runs it. */
export function readBuild(): { readonly version: string; readonly node: string } {
  // The folders of `src/` and `dist/program/` have the same depth.
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return { version: (JSON.parse(text) as { version: string }).version, node: process.version };
}
