import test from 'ava';
import { createPasswordCheck } from '../../src/console/password.ts';

const password = 'correct horse battery staple';
const there = '10.0.0.7';
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test('console password – ten wrong ones of an address wait, and until then none of it is looked at', async (t) => {
  let go: () => void = () => undefined;
  const pause = new Promise<void>((resolve) => {
    go = resolve;
  });
  const check = createPasswordCheck(() => pause);
  const right = basic(`peerproof:${password}`);
  const wrong = Array.from({ length: 10 }, (_, n) => check(basic(`peerproof:${n}`), password, there));
  t.is((await check(right, password, there))?.status, 429);
  t.is((await check(basic('peerproof:11'), password, there))?.status, 429);
  t.is(await check(right, password, '127.0.0.1'), undefined);
  go();
  for (const answer of await Promise.all(wrong)) t.is(answer?.status, 401);
  t.is(await check(right, password, there), undefined);
});

test('console password – a request without one is asked for it at once', async (t) => {
  const check = createPasswordCheck(() => new Promise(() => undefined));
  t.is((await check(undefined, password, there))?.status, 401);
});

test('console password – letters beyond ASCII are UTF-8', async (t) => {
  const check = createPasswordCheck();
  t.is(await check(basic('peerproof:Zwölf Boxkämpfer jagen'), 'Zwölf Boxkämpfer jagen', there), undefined);
});
