import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import test from 'ava';
import fc from 'fast-check';
import { type LogRequest, showLog } from '../../src/log-view/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerproof-log-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const denial = '{"effect":"deny","reason":"no_rule"}';

interface Streams {
  readonly input?: Readable;
  readonly output?: Writable;
  readonly stop?: AbortController;
  readonly isTTY?: boolean;
}

/** Runs the command in this process. */
async function shown(request: Partial<LogRequest>, streams: Streams = {}) {
  const written: string[] = [];
  const notes: string[] = [];
  const output =
    streams.output ??
    new Writable({
      write(chunk, _, done) {
        written.push(String(chunk));
        // A reader that takes its time.
        setImmediate(done);
      },
    });
  const exitCode = await showLog(
    {
      files: ['-'],
      isFollowed: false,
      wanted: { patterns: {} },
      color: 'never',
      json: false,
      stats: false,
      group: false,
      ...request,
    },
    {
      input: streams.input ?? Readable.from([]),
      output: Object.assign(output as WriteStream, { isTTY: streams.isTTY ?? false, rows: 24 }),
      signal: (streams.stop ?? new AbortController()).signal,
      note: (text) => void notes.push(text),
    },
  );
  return { exitCode, text: written.join(''), notes };
}

const inputOf = (...parts: (string | Uint8Array)[]) => Readable.from(parts.map((part) => Buffer.from(part)));

test('log – shows decisions, and passes over other lines', async (t) => {
  const input = inputOf(`hello\n${denial}\n{"event":"serving"}\n`, 'x'.repeat(300_000), `\n[pod] ${denial}`);
  const { exitCode, text, notes } = await shown({}, { input });
  t.is(text, '- deny        no_rule tcp -\n'.repeat(2));
  t.deepEqual(notes, ['lines of more than 262144 bytes that were left out: 1']);
  t.is(exitCode, 0);
});

test('log – says that the input holds no decision', async (t) => {
  const { text, notes } = await shown({}, { input: inputOf('a\nb\n') });
  t.is(text, '');
  t.deepEqual(notes, ['lines that were read: 2; none is a decision of Peerproof']);
});

test('log – says that no decision passes the filters', async (t) => {
  const wanted = { patterns: { rule: ['x'] } };
  const { text, notes } = await shown({ wanted }, { input: inputOf(`${denial}\n${denial}\n`) });
  t.is(text, '');
  t.deepEqual(notes, ['decisions that were read: 2; none matches']);
});

test('log – json passes lines on as they are, but a terminal obeys none of them', async (t) => {
  const line = `[pod]\u001b[2J {"effect":"deny","reason":"no_rule","subject":"a\u202e"}`;
  t.is((await shown({ json: true }, { input: inputOf(line) })).text, `${line}\n`);
  const { text } = await shown({ json: true }, { input: inputOf(line), isTTY: true });
  t.is(text, '[pod]\\u{1b}[2J {"effect":"deny","reason":"no_rule","subject":"a\\u{202e}"}\n');
});

test('log – reads the other files if one cannot be read, and says so', async (t) => {
  const good = join(folder, 'good.log');
  writeFileSync(good, `${denial}\n`);
  for (const isFollowed of [false, true]) {
    const stop = new AbortController();
    const output = new Writable({
      write(_, __, done) {
        done();
        stop.abort();
      },
    });
    const files = [join(folder, 'no\u001bwhere'), good];
    const { exitCode, notes } = await shown({ files, isFollowed }, isFollowed ? { output, stop } : {});
    t.is(exitCode, 1);
    t.deepEqual(notes, [
      `${folder}/no\\u{1b}where: cannot be read (ENOENT): there is no such file or folder`,
    ]);
  }
});

test('log – a reader who went away ends it quietly, also while several files are followed', async (t) => {
  const files = ['a.log', 'b.log'].map((name) => join(folder, name));
  for (const file of files) writeFileSync(file, `${denial}\n`);
  const output = new Writable({
    write: (_, __, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE', syscall: 'write' })),
  });
  t.deepEqual(await shown({ files, isFollowed: true }, { output }), { exitCode: 0, text: '', notes: [] });
});

test('log – an output that cannot be written is a failure', async (t) => {
  const output = new Writable({
    write: (_, __, done) => done(Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' })),
  });
  const { exitCode, notes } = await shown({}, { input: inputOf(denial), output });
  t.is(exitCode, 1);
  t.deepEqual(notes, ['the output cannot be written (ENOSPC): the disk is full']);
});

test('log – when it is stopped, it shows the summaries', async (t) => {
  const stop = new AbortController();
  const input = new Readable({ read() {} });
  input.push(`${denial}\n`);
  input.on('data', () => setImmediate(() => stop.abort()));
  const { exitCode, text } = await shown({ stats: true, group: true }, { input, stop });
  t.is(exitCode, 0);
  t.regex(text, /^1 decisions from - to -\n.*\n\n {9}1 {2}deny no_rule rule=-\n/s);
});

test('log – a terminal is painted from its top, and at the end shows the summary once', async (t) => {
  const { text } = await shown({ stats: true }, { input: inputOf(denial), isTTY: true });
  const [before, last = ''] = text.split('\u001b[H\u001b[J');
  t.true(before?.startsWith('\u001b[H\u001b[?7l0 decisions from - to -\u001b[K\n'));
  t.regex(last, /^1 decisions/);
  t.false(last.includes('\u001b'));
});

test('log – any bytes neither end it nor reach the terminal', async (t) => {
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc
      .string({ unit: 'binary' })
      .map((text) => Buffer.from(`${JSON.stringify({ effect: 'deny', reason: text, subject: text })}`)),
  );
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 10 }), async (lines) => {
        for (const request of [{}, { group: true }, { stats: true }]) {
          const input = inputOf(...lines.flatMap((one) => [one, '\n']));
          const { exitCode, text } = await shown(request, { input });
          t.is(exitCode, 0);
          t.notRegex(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        }
      }),
      { numRuns: 50 },
    ),
  );
});
