import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const source = join(import.meta.dirname, '../../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => [name, readFileSync(join(source, name), 'utf8')] as const);

test('client library of Kubernetes – one file loads it, and that file is loaded only when it is needed', (t) => {
  const users = files.filter(([, text]) => /from '(?:@kubernetes\/client-node|undici)/.test(text));
  t.deepEqual(
    users.map(([name]) => name),
    ['sources/open-watch.ts'],
  );
  const loaders = files.filter(([, text]) =>
    /^import (?!type)[^;]*open-watch\.ts'|^export [^;]*from '[^']*open-watch\.ts'/m.test(text),
  );
  t.deepEqual(loaders, []);
  const later = files.filter(([, text]) => /= await import\('[^']*open-watch\.ts'\)/.test(text));
  t.is(later.length, 1);
});
