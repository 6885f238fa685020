import test from 'ava';
import { createPasswordCheck } from '../../src/console/password.ts';

const password = 'correct horse battery staple';
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test('console password – ten wrong ones wait, and until then none is looked at', async (t) => {
  let go: () => void = () => undefined;
  const pause = new Promise<void>((resolve) => {
    go = resolve;
  });
  const check = createPasswordCheck(() => pause);
  const right = basic(`peerproof:${password}`);
  const wrong = Array.from({ length: 10 }, (_, n) => check(basic(`peerproof:${n}`), password));
  t.is((await check(right, password))?.status, 429);
  t.is((await check(basic('peerproof:11'), password))?.status, 429);
  go();
  for (const answer of await Promise.all(wrong)) t.is(answer?.status, 401);
  t.is(await check(right, password), undefined);
});

test('console password – a request without one is asked for it at once', async (t) => {
  const check = createPasswordCheck(() => new Promise(() => undefined));
  t.is((await check(undefined, password))?.status, 401);
});

test('console password – letters beyond ASCII are UTF-8', async (t) => {
  const check = createPasswordCheck();
  t.is(await check(basic('peerproof:Zwölf Boxkämpfer jagen'), 'Zwölf Boxkämpfer jagen'), undefined);
});
