import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { keepRules, readKeptRules } from '../../src/sources/rule-cache.ts';
import { type RuleObject, readRuleObject } from '../../src/sources/rule-objects.ts';
import { recorded } from './rule-objects-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-rule-cache-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const object = readRuleObject(recorded('a', 'b')) as RuleObject;

test('kept rules – what is written is read, and only the owner of the file can read it', async (t) => {
  const path = join(folder, 'kept.json');
  const kept = { keptAt: 5, objects: [{ ...object, lastGood: '{"rules":[]}' }] };
  await keepRules(path, { keptAt: 4, objects: [] });
  await keepRules(path, kept);
  t.deepEqual(readKeptRules(path), JSON.parse(JSON.stringify(kept)));
  t.is(statSync(path).mode & 0o777, 0o600);
  t.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('kept')),
    ['kept.json'],
  );
});

test('kept rules – without the file there are none', (t) => {
  t.is(readKeptRules(join(folder, 'missing.json')), undefined);
});

const written = (text: string) => {
  const path = join(folder, 'odd.json');
  writeFileSync(path, text);
  return () => readKeptRules(path);
};

for (const [title, text] of [
  ['an empty file', ''],
  ['half a file', '{"keptAt":1,"objects":[{"key":"a/b"'],
  ['a list', '[]'],
  ['no time', '{"objects":[]}'],
  ['an object without a name', `{"keptAt":1,"objects":[${JSON.stringify({ ...object, name: 1 })}]}`],
  ['a spec that is no text', `{"keptAt":1,"objects":[${JSON.stringify({ ...object, spec: {} })}]}`],
] as const)
  test(`kept rules – ${title} is refused`, (t) => {
    t.throws(written(text), { message: 'is not a file that Peerproof wrote' });
  });

test('kept rules – a file that is too large, a folder and a place that cannot be written are named', async (t) => {
  const path = join(folder, 'large.json');
  writeFileSync(path, '');
  truncateSync(path, 67_108_865);
  t.throws(() => readKeptRules(path), { message: /larger than/ });
  t.throws(() => readKeptRules(folder), { message: 'is not a regular file' });
  await t.throwsAsync(keepRules(join(folder, 'missing', 'x'), { keptAt: 1, objects: [] }), {
    message: 'cannot be written (ENOENT): there is no such file or folder',
  });
});
