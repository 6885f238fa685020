import type { LoadedConfig } from '../config/load.ts';
import { openRevocationFile } from '../sources/revocation/revocation-file.ts';
import type { RevocationStore } from '../sources/revocation/revocation-store.ts';

/** A store that is open. `close` lets go of its connection. */
export interface OpenRevocations {
  readonly store: RevocationStore;
  close(): void;
}

/**
 * Opens the place where a configuration keeps revocations. Undefined if it has none.
 * @throws Error that is safe to show, if the store does not answer
 */
export async function openRevocations(
  { config, resolve }: LoadedConfig,
  clock: () => number,
): Promise<OpenRevocations | undefined> {
  const { revocation } = config;
  if (!revocation?.file) return undefined;
  return { store: openRevocationFile(resolve(revocation.file), clock), close: () => undefined };
}
