import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const source = join(import.meta.dirname, '../../../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => [name, readFileSync(join(source, name), 'utf8')] as const);

test('client library of Redis – one file loads it, and that file is loaded only when it is needed', (t) => {
  const users = files.filter(([, text]) => /from '@redis\//.test(text));
  t.deepEqual(
    users.map(([name]) => name),
    ['sources/redis/open-redis.ts'],
  );
  const loaders = files.filter(([, text]) =>
    /^(?:import|export) [^;]*from '[^']*open-redis\.ts'/m.test(text),
  );
  t.deepEqual(loaders, []);
  const later = files.filter(([, text]) => /await import\('[^']*open-redis\.ts'\)/.test(text));
  t.true(later.length > 0);
});
