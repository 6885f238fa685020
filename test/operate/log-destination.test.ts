import { spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { createLogDestination } from '../../src/operate/log-destination.ts';
import { evidenceFor, NOW } from '../support/check-world.ts';
import { isAllowed } from '../support/expected-answers.ts';
import { corp, shop, world } from '../support/orders-world.ts';
import { goodClaims } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';

const directory = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
test.after.always(() => rmSync(directory, { recursive: true }));

/** Empties the pipe after a minute: a write that blocks after all makes a test fail, and not hang. */
const guard = `setTimeout(() => require('node:fs').createReadStream(process.argv[1]).resume(), 60_000)`;
/** Milliseconds: much longer than a busy machine stops a process, and much less than a blocked write takes then. */
const blocked = 20_000;

function hasReader(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return false;
    throw error;
  }
}

/** A pipe with a reader that holds it open; it reads when told to, and not before. */
function createPipe(t: ExecutionContext, name: string) {
  const path = join(directory, name);
  if (spawnSync('mkfifo', [path]).status !== 0) throw new Error('mkfifo');
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const chunk = Buffer.alloc(1_048_576);
  const rescuer = spawn(process.execPath, ['-e', guard, path], { stdio: 'ignore' });
  let open = true;
  const close = (): void => {
    if (open) closeSync(reader);
    open = false;
  };
  t.teardown(() => {
    rescuer.kill();
    close();
  });
  return {
    path,
    /** What can be read now; empty where there is nothing. */
    read(): string {
      try {
        return chunk.toString('utf8', 0, readSync(reader, chunk));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
        throw error;
      }
    },
    close,
  };
}

const line = (number: number) => `${JSON.stringify({ number, text: 'x'.repeat(1_000) })}\n`;

test('log destination – a reader gets every line complete and in order', async (t) => {
  const pipe = createPipe(t, 'read');
  let dropped = 0;
  const destination = createLogDestination(pipe.path, () => dropped++);
  let text = '';
  for (let number = 0; number < 2_000; number++) {
    destination.write(line(number));
    if (number % 20 === 0) {
      await turn();
      text += pipe.read();
    }
  }
  await waitFor('all lines', 10_000, () => {
    text += pipe.read();
    return text.split('\n').length > 2_000;
  });
  const numbers = text
    .trimEnd()
    .split('\n')
    .map((each) => JSON.parse(each).number);
  t.deepEqual(numbers, [...numbers.keys()]);
  t.is(numbers.length, 2_000);
  t.is(dropped, 0);
});

test('log destination – a line is written within a second, also when no other follows', async (t) => {
  const pipe = createPipe(t, 'flush');
  const destination = createLogDestination(pipe.path, () => undefined);
  destination.write(line(1));
  t.is(await waitFor('the line', 3_000, () => pipe.read() || undefined), line(1));
});

test('log destination – a reader that stops never blocks, and dropped lines are counted', async (t) => {
  const pipe = createPipe(t, 'stopped');
  let dropped = 0;
  const destination = createLogDestination(pipe.path, () => dropped++);
  let slowest = 0;
  const lines = 20_000; // 20 MB, of which 8 MB are held
  for (let number = 0; number < lines; number++) {
    const began = performance.now();
    destination.write(line(number));
    slowest = Math.max(slowest, performance.now() - began);
    if (number % 500 === 0) await sleep(1);
  }
  t.true(slowest < blocked, `the slowest line took ${slowest} ms`);
  t.true(dropped > 5_000 && dropped < lines, `${dropped} given up`);

  // Read on: what was held comes out whole, and lines are taken again.
  let text = '';
  const before = dropped;
  await waitFor('the held lines', 20_000, () => {
    for (let chunk = pipe.read(); chunk !== ''; chunk = pipe.read()) text += chunk;
    return text.length > 7_000_000 && text.endsWith('\n');
  });
  destination.write(line(lines));
  await waitFor('a new line', 10_000, () => {
    text += pipe.read();
    return text.includes(`{"number":${lines},`);
  });
  const numbers = text
    .trimEnd()
    .split('\n')
    .map((each) => JSON.parse(each).number);
  t.is(numbers.length + before, lines + 1);
  t.is(dropped, before);
});

test('log destination – checks continue while the log is not read', async (t) => {
  const pipe = createPipe(t, 'checks');
  let dropped = 0;
  const log = createDecisionLog(createLogDestination(pipe.path, () => dropped++));
  const token = corp.sign(goodClaims({ cnf: { 'x5t#S256': shop.thumbprint } }));
  const presented = {
    path: '/orders/7',
    token,
    certificate: shop,
    headers: { 'x-request-id': 'r'.repeat(500) },
  };
  let slowest = 0;
  for (let count = 0; count < 12_000; count++) {
    const answer = await world.decide(evidenceFor(presented), 'grpc', Number.POSITIVE_INFINITY);
    const began = performance.now();
    log(answer, evidenceFor(presented), 'grpc', 1, NOW);
    slowest = Math.max(slowest, performance.now() - began);
  }
  isAllowed(t, await world.check(presented));
  t.true(dropped > 0);
  t.true(slowest < blocked, `the slowest line took ${slowest} ms`);
});

test('log destination – a reader that is gone causes no crash, and each line is counted', async (t) => {
  const pipe = createPipe(t, 'gone');
  let dropped = 0;
  const destination = createLogDestination(pipe.path, () => dropped++);
  destination.write(line(1));
  await waitFor('the first line', 5_000, () => pipe.read() !== '');
  pipe.close();
  // A child process that another thread starts holds a copy of the reader for a moment.
  await waitFor('no reader', 5_000, () => !hasReader(pipe.path));
  for (let number = 0; number < 100; number++) destination.write(line(number));
  await destination.flush();
  t.is(dropped, 100);
});

test('log destination – a line of any length is whole, between its neighbours', async (t) => {
  const file = join(directory, 'long');
  const destination = createLogDestination(file, () => t.fail());
  const lines = [1, 65_535, 65_536, 22_000, 200_000, 3].map((length) => `${'ä'.repeat(length)}\n`);
  for (const each of [...lines, ...lines]) destination.write(each);
  await destination.flush();
  t.is(readFileSync(file, 'utf8'), [...lines, ...lines].join(''));
});

test.serial('log destination – few lines that are not read take little memory', async (t) => {
  const pipe = createPipe(t, 'trickle');
  const destination = createLogDestination(pipe.path, () => undefined);
  for (let number = 0; number < 200; number++) destination.write(line(number));
  await sleep(300); // the pipe is full
  const before = process.memoryUsage().arrayBuffers;
  for (let number = 0; number < 20; number++) {
    destination.write(line(number));
    await sleep(110); // longer than a line waits for others
  }
  const grown = process.memoryUsage().arrayBuffers - before;
  t.true(grown < 400_000, `${grown} bytes for 20 KB of lines`);
});

const atEnd = (end: string) => `
  import { createLogDestination } from '${new URL('../../src/operate/log-destination.ts', import.meta.url)}';
  const destination = createLogDestination(1, () => undefined);
  for (let number = 0; number < 200; number++) destination.write(JSON.stringify({ number, text: 'x'.repeat(1_000) }) + '\\n');
  ${end}`;

for (const [how, end] of [
  ['a crash', "setImmediate(() => { throw new Error('a bug'); })"],
  ['process.exit', 'process.exit(1)'],
])
  test(`log destination – ${how} writes every line`, (t) => {
    const file = join(directory, `end-${how}`);
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', atEnd(end ?? '')], {
      stdio: ['ignore', openSync(file, 'a'), 'ignore'],
    });
    t.is(status, 1);
    // A block that is being written in the background may end up behind the others.
    const numbers = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each).number);
    t.deepEqual(
      numbers.toSorted((a, b) => a - b),
      Array.from({ length: 200 }, (_, number) => number),
    );
  });

test('log destination – a process ends while its pipe is full and not read', async (t) => {
  const pipe = createPipe(t, 'stuck');
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', atEnd('setTimeout(() => process.exit(3), 300)')],
    { stdio: ['ignore', openSync(pipe.path, 'a'), 'ignore'] },
  );
  t.teardown(() => child.kill('SIGKILL'));
  t.is(await waitFor('the end', 10_000, () => child.exitCode ?? undefined), 3);
});
