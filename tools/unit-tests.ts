import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { longTests } from './long-tests.ts';

const top = fileURLToPath(new URL('..', import.meta.url));

/** A file that starts a program or a worker imports one of these, itself or through what it imports. */
const starters = ['node:child_process', 'node:cluster', 'node:worker_threads'];
/** It starts a process only for a document of more than 256 KiB. */
const seldom = 'src/config/read-apart.ts';
/** These have commands of their own. They try very many inputs, which takes too long for an inner loop. */
const campaigns = ['test/hostile/', 'test/outside/'];

const known = new Map<string, readonly string[]>();

function importsOf(file: string): readonly string[] {
  const found = known.get(file) ?? readImports(file);
  known.set(file, found);
  return found;
}

function readImports(file: string): string[] {
  if (file === seldom) return [];
  return [...readFileSync(join(top, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^'\n]+)'/g)]
    .map(([, name = '']) => (name.startsWith('.') ? normalize(join(dirname(file), name)) : name))
    .filter((name) => name.endsWith('.ts') || starters.includes(name));
}

/** The files from here to a module that starts a program or a worker; undefined if there is no such way. */
export function wayToStarter(file: string): string[] | undefined {
  const ways = new Map([[file, [file]]]);
  for (const [reached, way] of ways) {
    if (starters.includes(reached)) return way;
    for (const next of importsOf(reached)) if (!ways.has(next)) ways.set(next, [...way, next]);
  }
  return undefined;
}

export function testFiles(): string[] {
  return readdirSync(join(top, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', name))
    .sort();
}

/** The tests that need nothing but Node: `npm run test:unit`. A new file belongs to them by what it imports. */
export function unitTests(): string[] {
  return testFiles().filter(
    (file) =>
      !longTests.includes(file) &&
      !campaigns.some((folder) => file.startsWith(folder)) &&
      !wayToStarter(file),
  );
}
