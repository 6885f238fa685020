import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { longTests } from '../tools/long-tests.ts';
import { testFiles, unitTests, wayToStarter } from '../tools/unit-tests.ts';

test('unit tests – have no test that starts Envoy, another program or a worker', (t) => {
  const files = unitTests();
  for (const folder of ['chaos', 'envoy', 'hostile', 'outside', 'proxies', 'workers'])
    t.deepEqual(
      files.filter((file) => file.startsWith(`test/${folder}/`)),
      [],
    );
  t.false(files.includes('test/demo.test.ts'));
  t.false(files.includes('test/core/token/heap.test.ts'));
});

test('unit tests – name the way on which a test reaches a module that starts programs', (t) => {
  t.deepEqual(wayToStarter('test/envoy/path.test.ts'), [
    'test/envoy/path.test.ts',
    'test/support/envoy-test.ts',
    'test/support/envoy-binary.ts',
    'node:child_process',
  ]);
  t.is(wayToStarter('test/core/token/authorization.test.ts'), undefined);
});

test('unit tests – have every other test of the core, and most of all files', (t) => {
  const files = unitTests();
  const core = testFiles().filter((file) => file.startsWith('test/core/'));
  t.deepEqual(
    core.filter((file) => !files.includes(file)),
    ['test/core/token/heap.test.ts'],
  );
  t.true(files.length > testFiles().length / 2);
});

test('long tests – exist, and .ci/run runs as many as its time allows', (t) => {
  const files = testFiles();
  t.deepEqual(
    longTests.filter((file) => !files.includes(file)),
    [],
  );
  const steps = readFileSync(join(import.meta.dirname, '../.ci/run'), 'utf8');
  t.regex(steps, /^in_time 'long tests' .* tools\/long-tests-in-time\.ts$/m);
});
