import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { consolePaths, startConsole } from '../support/console-world.ts';

const folder = new URL('../../console/', import.meta.url);
const source = new URL('../../src/', import.meta.url);
const files = readdirSync(folder);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const scripts = files.filter((name) => name.endsWith('.js'));

test('console page – each of its files is served with its type, and no other file is', async (t) => {
  const { ask } = await startConsole(t);
  const types = { html: 'text/html', css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
  for (const name of files) {
    const { status, body, headers } = await ask(name === 'index.html' ? '/console' : `/console/${name}`);
    t.is(status, 200, name);
    t.is(body, read(name));
    const type = types[name.split('.')[1] as keyof typeof types];
    t.true(String(headers['content-type']).startsWith(type), name);
  }
  const strange = [
    '/console/',
    '/console/index.html',
    '/console/../package.json',
    '/console/%2e%2e/package.json',
  ];
  for (const path of [...strange, '/console/__proto__', '/console//main.js', '/console/main.js/'])
    t.is((await ask(path)).status, 404, path);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
    t.is((await ask('/console', { method })).status, 404, method);
});

test('console page – every answer forbids what the page does not need', async (t) => {
  const { ask } = await startConsole(t);
  for (const path of [...consolePaths, '/console/nothing']) {
    const { headers } = await ask(path);
    const policy = String(headers['content-security-policy']).split('; ');
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "img-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ])
      t.true(policy.includes(rule), `${path}: ${rule}`);
    t.is(headers['x-content-type-options'], 'nosniff');
    t.is(headers['referrer-policy'], 'no-referrer');
    t.is(headers['cross-origin-opener-policy'], 'same-origin');
    t.is(headers['cross-origin-resource-policy'], 'same-origin');
    t.is(headers['cache-control'], 'no-store');
    t.is(headers['access-control-allow-origin'], undefined);
  }
});

test('console page – it names no other host, and has no script or style in the document', (t) => {
  const html = read('index.html');
  t.notRegex(html, /<style|\sstyle=|\son[a-z]+=|javascript:/i);
  for (const [, url = ''] of html.matchAll(/(?:src|href)="([^"]*)"/g)) t.regex(url, /^(?:\/console\/|#)/);
  for (const [, inline = ''] of html.matchAll(/<script[^>]*>([^<]*)/g)) t.is(inline, '');
  for (const name of [...scripts, 'console.css'])
    t.notRegex(read(name).replace('http://www.w3.org/2000/svg', ''), /https?:|@import|url\(/, name);
});

test('console page – its scripts make nothing but text nodes of what they show', (t) => {
  for (const name of scripts)
    t.notRegex(
      read(name),
      /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|DOMParser|srcdoc/,
      name,
    );
});

test('console – nothing of it is loaded before the first request to it', (t) => {
  const names = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts') && !name.startsWith('console/'));
  const loads = files.filter((name) =>
    readFileSync(new URL(name, source), 'utf8').includes("from '../console/"),
  );
  t.deepEqual(loads, []);
});

test('console page – each id that a script reads is in the document', (t) => {
  const html = read('index.html');
  const ids = scripts.flatMap((name) => [...read(name).matchAll(/byId\('([\w-]+)'\)/g)].map(([, id]) => id));
  t.true(ids.length > 20);
  t.deepEqual(
    ids.filter((id) => !html.includes(`id="${id}"`)),
    [],
  );
});
