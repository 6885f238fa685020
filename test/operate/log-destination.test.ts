import { spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
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

/** Empties the pipe after a while: a write that blocks after all makes a test fail, and not hang. */
const guard = `setTimeout(() => require('node:fs').createReadStream(process.argv[1]).resume(), 15_000)`;

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

test('log destination – a reader who reads gets every line whole and in order', async (t) => {
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

test('log destination – a reader who stopped reading never blocks, and what is given up is counted', async (t) => {
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
  t.true(slowest < 500, `the slowest line took ${slowest} ms`);
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

test('log destination – checks go on while nobody reads the log', async (t) => {
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
  const began = performance.now();
  for (let count = 0; count < 12_000; count++) {
    const answer = await world.decide(evidenceFor(presented), 'grpc', Number.POSITIVE_INFINITY);
    log(answer, evidenceFor(presented), 'grpc', 1, NOW);
  }
  isAllowed(t, await world.check(presented));
  t.true(dropped > 0);
  t.true(performance.now() - began < 20_000);
});

test('log destination – a reader who is gone is no crash, and is counted', async (t) => {
  const pipe = createPipe(t, 'gone');
  let dropped = 0;
  const destination = createLogDestination(pipe.path, () => dropped++);
  destination.write(line(1));
  await waitFor('the first line', 3_000, () => pipe.read() !== '');
  pipe.close();
  for (let number = 0; number < 100; number++) destination.write(line(number));
  await waitFor('the loss', 5_000, () => dropped > 0);
  t.true(dropped > 0);
});
