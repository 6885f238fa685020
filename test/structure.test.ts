import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const top = fileURLToPath(new URL('..', import.meta.url));
const filesIn = (folder: string): string[] =>
  readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort();
const files = filesIn('src');

/** The folders of `src/`, from the bottom up. A folder imports from the rows below its own, and from itself. */
const rows: readonly (readonly string[])[] = [
  ['lib'],
  ['core'],
  ['http2', 'sources', 'operate'],
  ['events', 'grpc', 'http', 'telemetry'],
  ['config', 'decision-lines'],
  ['init', 'inject', 'log-view', 'migrate', 'serve'],
  ['lint', 'trial', 'workers'],
  ['compare', 'explain', 'policy-test', 'suggest'],
  ['console'],
  ['cli'],
  ['main.ts'],
];

const folderOf = (file: string): string => file.split('/')[1] ?? '';
const rowOf = (file: string): number => rows.findIndex((row) => row.includes(folderOf(file)));
const sourceOf = (file: string): string => readFileSync(join(top, file), 'utf8');

function importsOf(file: string): string[] {
  return [...sourceOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)]
    .map(([, to = '']) => normalize(join(dirname(file), to)))
    .filter((to) => /^(?:src|tools)\//.test(to) && to.endsWith('.ts'));
}

test('structure – src/ has one file at its root', (t) => {
  t.deepEqual(
    files.filter((file) => file.split('/').length === 2),
    ['src/main.ts'],
  );
});

test('structure – every folder has its row', (t) => {
  t.deepEqual([...new Set(files.filter((file) => rowOf(file) < 0).map(folderOf))], []);
});

test('structure – imports point downward', (t) => {
  const upward = files.flatMap((file) =>
    importsOf(file)
      .filter(
        (to) => rowOf(to) > rowOf(file) || (rowOf(to) === rowOf(file) && folderOf(to) !== folderOf(file)),
      )
      .map((to) => `${file} -> ${to}`),
  );
  t.deepEqual(upward, []);
});

test('structure – a proof has at most 150 lines', (t) => {
  const ofProofs = files.filter((file) => /^export const \w+: Proof = \{$/m.test(sourceOf(file)));
  t.true(ofProofs.length >= 3);
  const long = ofProofs.filter((file) => sourceOf(file).trimEnd().split('\n').length > 150);
  t.deepEqual(long, []);
});

test('structure – no files import each other in a circle', (t) => {
  const done = new Set<string>();
  const path: string[] = [];
  const circles: string[] = [];
  const visit = (file: string): void => {
    if (done.has(file)) return;
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    path.push(file);
    for (const to of importsOf(file)) visit(to);
    path.pop();
    done.add(file);
  };
  for (const file of [...files, ...filesIn('tools')]) visit(file);
  t.deepEqual(circles, []);
});

test('structure – no exported type has the name of another', (t) => {
  const places = new Map<string, string[]>();
  for (const file of files)
    for (const [, name = ''] of sourceOf(file).matchAll(
      /^export (?:abstract )?(?:type|interface|class) (\w+)/gm,
    ))
      places.set(name, [...(places.get(name) ?? []), file]);
  t.deepEqual(
    [...places].filter(([, found]) => found.length > 1),
    [],
  );
});

test('structure – the hops of one check in docs/architecture.md are those of the code', (t) => {
  const [, section = ''] =
    /## One check, file by file\n([\s\S]*?)\n## /.exec(sourceOf('docs/architecture.md')) ?? [];
  const hops = [...section.matchAll(/^\d+\. `(src\/[\w./-]+)`/gm)].map(([, file = '']) => file);
  t.true(hops.length > 10);
  const climbs = hops.filter((hop, index) => index > 0 && rowOf(hop) > rowOf(hops[index - 1] ?? hop));
  t.true(climbs.length <= 2, climbs.join(', '));
  // Each hop is called by one that stands before it, so each is imported by one of them.
  const orphans = hops.slice(1).filter((hop, index) => {
    const before = hops.slice(0, index + 1);
    return !before.some((file) => importsOf(file).includes(hop));
  });
  t.deepEqual(orphans, []);
});

test('structure – docs/architecture.md lists the folders by their rows', (t) => {
  const [, section = ''] = /## Folders\n([\s\S]*?)\n## /.exec(sourceOf('docs/architecture.md')) ?? [];
  const listed = [...section.matchAll(/^\| (\d+) \| ([^|]+) \|/gm)].map(([, row = '', names = '']) => [
    Number(row),
    [...names.matchAll(/`([\w.-]+)`/g)].map(([, name]) => name),
  ]);
  t.deepEqual(listed, rows.map((row, index) => [index + 1, row]).reverse());
});
