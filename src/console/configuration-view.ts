import { Malformed } from '../lib/malformed.ts';
import type { ConsoleSource } from '../serve/console-source.ts';
import type { Apart } from './apart.ts';

/**
 * The text of the running configuration, masked. It is made once for a version.
 * @returns `{yaml, left}`, or `{problem}`
 */
export function createConfigurationView({ loaded }: ConsoleSource, apart: Apart): () => Promise<unknown> {
  let known: { readonly version: string; readonly view: Promise<unknown> } | undefined;
  return async () => {
    const { version, file, text } = loaded();
    if (known?.version !== version)
      known = { version, view: apart.run({ name: 'mask', source: { file, text, files: new Map() } }) };
    const { view } = known;
    const made = await view;
    if (!(made instanceof Malformed)) return made;
    if (known?.view === view) known = undefined;
    return { problem: made.why };
  };
}
