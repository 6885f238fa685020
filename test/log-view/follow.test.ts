import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { follow } from '../../src/log-view/follow.ts';
import { withDeadline } from '../support/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-follow-'));
test.after.always(() => rmSync(folder, { recursive: true }));

/** Follows a new file. `next` waits for so many lines. */
function following(t: ExecutionContext, name: string, text: string) {
  const file = join(folder, name);
  writeFileSync(file, text);
  const stop = new AbortController();
  const tally = { decisions: 0, matching: 0, foreign: 0, tooLong: 0 };
  const batches = follow(file, tally, stop.signal);
  // It closes the file only if it is asked to end.
  t.teardown(() => batches.return(undefined));
  const waiting: string[] = [];
  const next = async (count: number): Promise<string[]> => {
    while (waiting.length < count) {
      const { value, done } = await withDeadline(`a line of ${name}`, 5_000, batches.next());
      if (done) throw new TypeError('it ended');
      waiting.push(...value);
    }
    return waiting.splice(0, count);
  };
  return { file, batches, stop, tally, next };
}

test('follow – shows what is there and what is added, also in pieces', async (t) => {
  const { file, next, stop, batches } = following(t, 'added', 'one\ntwo\nth');
  t.deepEqual(await next(2), ['one', 'two']);
  appendFileSync(file, 'ree\nfour\n');
  t.deepEqual(await next(2), ['three', 'four']);
  stop.abort();
  await t.throwsAsync(batches.next(), { name: 'AbortError' });
});

test('follow – a renamed file is read to its end, and then the one that has its name', async (t) => {
  const { file, next } = following(t, 'renamed', 'one\n');
  t.deepEqual(await next(1), ['one']);
  renameSync(file, `${file}.1`);
  appendFileSync(`${file}.1`, 'two\nno end');
  t.deepEqual(await next(1), ['two']);
  writeFileSync(file, 'three\n');
  t.deepEqual(await next(2), ['no end', 'three']);
  appendFileSync(file, 'four\n');
  t.deepEqual(await next(1), ['four']);
});

test('follow – lines that were added before the rename are not lost', async (t) => {
  const { file, next } = following(t, 'raced', 'one\n');
  t.deepEqual(await next(1), ['one']);
  appendFileSync(file, 'two\n');
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'three\n');
  t.deepEqual(await next(2), ['two', 'three']);
});

test('follow – an emptied file is read from its beginning', async (t) => {
  const { file, next } = following(t, 'emptied', 'one\ntwo\nno end');
  t.deepEqual(await next(2), ['one', 'two']);
  truncateSync(file);
  t.deepEqual(await next(1), ['no end']);
  appendFileSync(file, 'three\n');
  t.deepEqual(await next(1), ['three']);
});

test('follow – counts lines that are too long in each file', async (t) => {
  const long = 'x'.repeat(300_000);
  const { file, next, stop, batches, tally } = following(t, 'long', `${long}\none\n`);
  t.deepEqual(await next(1), ['one']);
  renameSync(file, `${file}.1`);
  writeFileSync(file, `${long}\ntwo\n`);
  t.deepEqual(await next(1), ['two']);
  stop.abort();
  await t.throwsAsync(batches.next(), { name: 'AbortError' });
  t.is(tally.tooLong, 2);
});

test('follow – a file that is not there is an error', async (t) => {
  const nowhere = follow(
    join(folder, 'nowhere'),
    { decisions: 0, matching: 0, foreign: 0, tooLong: 0 },
    new AbortController().signal,
  );
  await t.throwsAsync(nowhere.next(), { code: 'ENOENT' });
});

test('follow – a new file that cannot be read is an error', async (t) => {
  const { file, next } = following(t, 'unreadable', 'one\n');
  t.deepEqual(await next(1), ['one']);
  renameSync(file, `${file}.1`);
  mkdirSync(file);
  await t.throwsAsync(next(1), { code: 'EISDIR' });
});
