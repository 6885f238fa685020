import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type FileNews, TokenFile } from '../../src/inject/token-file.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { waitFor } from '../support/wait.ts';
import { mint, projectedVolume, tokenFolder } from './token-files.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const first = mint({ jti: '1' }, NOW);
const second = mint({ jti: '2', exp: NOW / 1000 + 7_200 }, NOW);

interface Watched {
  readonly file: TokenFile;
  readonly folder: string;
  readonly path: string;
  readonly clock: { now: number };
  readonly news: FileNews[];
  /** Looks, then says what would be sent. */
  sent(): Promise<string>;
}

const removes: (() => void)[] = [];
test.after.always(() => {
  for (const remove of removes) remove();
});

function watch(): Watched {
  const folder = tokenFolder();
  removes.push(folder.remove);
  const path = join(folder.path, 'orders');
  const clock = { now: NOW };
  const news: FileNews[] = [];
  const file = new TokenFile({
    path,
    audience: 'orders',
    clock: () => clock.now,
    report: (one) => news.push(one),
  });
  const sent = async () => {
    await file.look();
    const token = file.current(clock.now);
    return token instanceof Malformed ? `none: ${token.why}` : token;
  };
  return { file, folder: folder.path, path, clock, news, sent };
}

test('rotation – as the kubelet does it: the next look finds the new token', async (t) => {
  const { folder, sent, news } = watch();
  const volume = projectedVolume(folder);
  volume.write({ orders: first });
  t.is(await sent(), first);
  volume.write({ orders: second });
  t.is(await sent(), second);
  t.is(await sent(), second);
  t.deepEqual(news, [
    { failure: undefined, expiresAt: NOW + 3_600_000 },
    { failure: undefined, expiresAt: NOW + 7_200_000 },
  ]);
});

test('rotation – in place with the same length and within one tick of the clock of the file system', async (t) => {
  const { path, sent } = watch();
  for (let turn = 0; turn < 50; turn++) {
    const token = mint({ jti: `${turn % 10}` }, NOW);
    writeFileSync(path, token);
    t.is(await sent(), token);
  }
});

test('rotation – by a rename over the file', async (t) => {
  const { path, sent } = watch();
  writeFileSync(path, first);
  t.is(await sent(), first);
  writeFileSync(`${path}.new`, second);
  renameSync(`${path}.new`, path);
  t.is(await sent(), second);
});

test('rotation – a file that comes later is found', async (t) => {
  const { path, sent, news } = watch();
  t.is(await sent(), 'none: cannot be read (ENOENT): there is no such file or folder');
  t.is(await sent(), 'none: cannot be read (ENOENT): there is no such file or folder');
  writeFileSync(path, first);
  t.is(await sent(), first);
  t.deepEqual(news, [
    { failure: 'cannot be read (ENOENT): there is no such file or folder', kept: false },
    { failure: undefined, expiresAt: NOW + 3_600_000 },
  ]);
});

const halves: [string, string][] = [
  ['empty', ''],
  ['cut in the payload', second.slice(0, 80)],
  ['cut in the signature', second.slice(0, -3)],
  ['not a token', 'error: no token\n'],
  ['for another audience', mint({ aud: 'payments' }, NOW)],
  ['already expired', mint({ exp: 1 }, NOW)],
  ['too large', 'x'.repeat(20_000)],
];
for (const [title, content] of halves)
  test(`token file – a file that is ${title}: the token before it is used until it expires`, async (t) => {
    const { path, clock, sent, news } = watch();
    writeFileSync(path, first);
    t.is(await sent(), first);
    writeFileSync(path, content);
    t.is(await sent(), first);
    clock.now = NOW + 3_599_999;
    t.is(await sent(), first);
    clock.now = NOW + 3_600_000;
    t.regex(await sent(), /^none: /);
    writeFileSync(path, second);
    t.is(await sent(), second);
    // Said once while the old token is kept, once when it is not any more.
    t.deepEqual(
      news.map((one) => (one.failure === undefined ? 'read' : one.kept)),
      ['read', true, false, 'read'],
    );
  });

for (const [title, content] of halves)
  test(`token file – a file that is ${title} from the start: no token`, async (t) => {
    const { path, sent } = watch();
    writeFileSync(path, content);
    t.regex(await sent(), /^none: (is empty|is larger|holds |does not hold )/);
  });

test('token file – a whole token beyond 16 KiB is too large: it would not fit beside other headers', async (t) => {
  const { path, sent } = watch();
  const whole = mint({ filler: 'f'.repeat(13_000) }, NOW);
  t.true(whole.length > 16_384);
  writeFileSync(path, whole);
  t.is(await sent(), 'none: is larger than 16384 bytes');
  const fits = mint({ filler: 'f'.repeat(11_000) }, NOW);
  writeFileSync(path, fits.padEnd(16_384));
  t.is(await sent(), fits);
});

test('token file – a removed file removes its token', async (t) => {
  const { path, folder, sent } = watch();
  writeFileSync(path, first);
  t.is(await sent(), first);
  rmSync(path);
  t.is(await sent(), 'none: cannot be read (ENOENT): there is no such file or folder');
  writeFileSync(path, second);
  t.is(await sent(), second);
  rmSync(folder, { recursive: true });
  t.is(await sent(), 'none: cannot be read (ENOENT): there is no such file or folder');
});

test('token file – a token that expires while its file stays is not sent any more, at once', async (t) => {
  const { path, file, clock, sent } = watch();
  writeFileSync(path, first);
  t.is(await sent(), first);
  clock.now = NOW + 3_600_000;
  // Without a look in between.
  t.true(file.current(clock.now) instanceof Malformed);
  t.regex(await sent(), /none: holds a token that expired at 2026-11-22T13:00:00/);
});

test('token file – a folder or a FIFO is refused, and does not block', async (t) => {
  const folder = watch();
  mkdirSync(folder.path);
  t.is(await folder.sent(), 'none: is not a regular file');
  const fifo = watch();
  execFileSync('mkfifo', [fifo.path]);
  t.is(await fifo.sent(), 'none: is not a regular file');
});

test('token file – there is no token before the first read', (t) => {
  t.deepEqual(watch().file.current(NOW), new Malformed('has not been read yet'));
});

test('token file – overlapping reads are one', async (t) => {
  const { path, file, news } = watch();
  writeFileSync(path, first);
  const look = file.look();
  t.is(file.look(), look);
  await Promise.all([look, file.look()]);
  t.is(news.length, 1);
});

test('token file – it reads the file once a second, until it is stopped', async (t) => {
  const { path, file } = watch();
  file.start();
  file.start();
  writeFileSync(path, first);
  t.true(file.current(NOW) instanceof Malformed);
  await waitFor('the token', 3_000, () => file.current(NOW) === first);
  // Four looks have three pauses between them, however late a busy machine shows them.
  const began = performance.now();
  for (const next of [second, first, second, first]) {
    writeFileSync(path, next);
    await waitFor('the next token', 3_000, () => file.current(NOW) === next);
  }
  t.true(performance.now() - began > 2_900, 'it looks too often');
  file.stop();
  rmSync(path);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  t.is(file.current(NOW), first);
});

test('token file – while a file is written over and over, only whole tokens are ever sent', async (t) => {
  const { path, file } = watch();
  const tokens = new Set(Array.from({ length: 20 }, (_, n) => mint({ jti: 'x'.repeat(n) }, NOW)));
  const [some = ''] = tokens;
  writeFileSync(path, some);
  await file.look();
  for (const token of [...tokens, ...tokens]) {
    for (const end of [0, 10, 100, 200, token.length - 1, token.length]) {
      writeFileSync(path, token.slice(0, end));
      await file.look();
      t.true(tokens.has(String(file.current(NOW))));
    }
    t.is(file.current(NOW), token);
  }
});
