import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';

const top = new URL('../../', import.meta.url);
const text = readFileSync(new URL('SECURITY.md', top), 'utf8');
const [, table = ''] =
  /\| promised \| on condition that \| shown by \|\n\|(?:---\|)+\n([\s\S]*?)\n\n/.exec(text) ?? [];
const rows = table.split('\n').map((line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim()),
);

test('SECURITY.md – says which versions are supported, and how to report a weakness', (t) => {
  for (const heading of ['## Supported versions', '## Reporting a weakness', '## What shows it'])
    t.true(text.includes(`${heading}\n`), heading);
});

test('SECURITY.md – each promise names a test, and each test that it names is there', (t) => {
  t.true(rows.length >= 12);
  for (const [promise = '', , shown = ''] of rows) {
    const files = [...shown.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
    t.true(promise.length > 10 && files.length > 0, promise);
    for (const file of files) {
      t.regex(file, /^test\/.*\.test\.ts$/);
      t.true(existsSync(new URL(file, top)), file);
    }
  }
});

test('SECURITY.md – each file of the repository that it names is there', (t) => {
  const named = [...text.matchAll(/`((?:istio|proxies|docs|test|src)\/[\w./-]+)`/g)].map(
    ([, file = '']) => file,
  );
  t.true(named.length > 15);
  for (const file of named) t.true(existsSync(new URL(file, top)), file);
});
