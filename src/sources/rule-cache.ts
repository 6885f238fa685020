import { rename, rm, writeFile } from 'node:fs/promises';
import { codeAndCause } from '../lib/file-causes.ts';
import { isRecord, listOf, parseJson } from '../lib/json.ts';
import { readBounded } from '../lib/read-bounded.ts';
import type { RuleObject } from './rule-objects.ts';

/** What teams had written when this was kept. */
export interface KeptRules {
  /** Milliseconds since the epoch. */
  readonly keptAt: number;
  readonly objects: readonly RuleObject[];
}

/** Bytes. 200 namespaces with 50 rules take 3 MB. */
const maxBytes = 67_108_864;

/**
 * Reads what an earlier process kept. Whoever can write the file can write rules of teams, within what is
 * delegated to them: they are accepted as those of the API server are.
 * @returns undefined if there is no such file
 * @throws Error that is safe to log
 */
export function readKeptRules(path: string): KeptRules | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const kept = parseJson(text);
  const objects = isRecord(kept) ? listOf(kept.objects) : [];
  if (!isRecord(kept) || typeof kept.keptAt !== 'number' || !objects.every(isObject))
    throw new Error('is not a file that Peerproof wrote');
  return { keptAt: kept.keptAt, objects };
}

/** Replaces the file as a whole, so that a reader never sees a part. @throws Error that is safe to log */
export async function keepRules(path: string, kept: KeptRules): Promise<void> {
  const fresh = `${path}.${process.pid}`;
  try {
    await writeFile(fresh, JSON.stringify(kept), { mode: 0o600 });
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw new Error(`cannot be written ${codeAndCause((error as NodeJS.ErrnoException).code)}`);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readBounded(path, maxBytes);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw syscall === undefined ? error : new Error(`cannot be read ${codeAndCause(code)}`);
  }
}

const texts = ['key', 'namespace', 'name', 'uid', 'resourceVersion', 'createdAt'] as const;

function isObject(value: unknown): value is RuleObject {
  if (!isRecord(value)) return false;
  const isText = (one: unknown) => one === undefined || typeof one === 'string';
  return (
    texts.every((name) => typeof value[name] === 'string') &&
    typeof value.generation === 'number' &&
    isText(value.spec) &&
    isText(value.lastGood)
  );
}
