import { Malformed } from '../lib/malformed.ts';
import type { ConsoleSource } from '../serve/console-source.ts';
import type { Apart } from './apart.ts';

/** Milliseconds until a failure is tried again. The page asks every two seconds, and each try costs a process. */
const retryAfter = 10_000;

/**
 * The text of the running configuration, masked. It is made once for a version.
 * @returns `{yaml, left}`, or `{problem}`
 */
export function createConfigurationView(
  { loaded }: Pick<ConsoleSource, 'loaded'>,
  apart: Pick<Apart, 'run'>,
): () => Promise<unknown> {
  let known: { readonly version: string; readonly view: Promise<unknown>; until: number } | undefined;
  return async () => {
    const { version, file, text } = loaded();
    const now = performance.now();
    if (known?.version !== version || now >= known.until)
      known = {
        version,
        view: apart.run({ name: 'mask', source: { file, text, files: new Map() } }),
        until: Number.POSITIVE_INFINITY,
      };
    const mine = known;
    const made = await mine.view;
    if (!(made instanceof Malformed)) return made;
    mine.until = Math.min(mine.until, performance.now() + retryAfter);
    return { problem: made.why };
  };
}
