import { stringify } from 'yaml';
import type { TextFile } from './target.ts';

/** One step of a JSON patch (RFC 6902 §4), as `kubectl patch --type json` reads it. */
export interface PatchStep {
  readonly op: 'add' | 'replace' | 'test';
  readonly path: string;
  readonly value: unknown;
}

export function createPatch(path: string, steps: readonly PatchStep[]): TextFile {
  return { path, text: stringify(steps, { lineWidth: 0, aliasDuplicateObjects: false }) };
}

/** Adds an entry at the end of a list. A merge would replace the list, and the entries of others with it. */
export function addTo(list: string, value: unknown): PatchStep {
  return { op: 'add', path: `${list}/-`, value };
}

/** Replaces a value. The test keeps the patch from a value that has changed since. */
export function change(path: string, from: unknown, to: unknown): readonly PatchStep[] {
  return [
    { op: 'test', path, value: from },
    { op: 'replace', path, value: to },
  ];
}
