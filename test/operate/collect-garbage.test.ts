import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { collectGarbage } from '../../src/operate/collect-garbage.ts';
import { serve } from '../../src/serve/start.ts';

/** An object that survived collections, so that only a collection of all of the heap ends it. */
async function garbage(): Promise<WeakRef<object>> {
  const held = { old: new Array(1_000).fill(0) };
  await collectGarbage();
  await turn();
  return new WeakRef(held);
}

const configuration = `
listen: { grpc: '127.0.0.1:0', admin: '127.0.0.1:0' }
rules: [{ name: open, public: true }]
drain: { delay: '0ms', timeout: '1s' }
`;

test('garbage – what nobody holds is gone when the collection is done', async (t) => {
  const held = { old: true };
  const [kept, lost] = [new WeakRef(held), await garbage()];
  await turn();
  await collectGarbage();
  t.is(lost.deref(), undefined);
  t.is(kept.deref(), held);
});

test('garbage – a large configuration leaves nothing of its reading behind before the first check', async (t) => {
  const lost = await garbage();
  const large = { ...parseConfig(configuration, 'a.yaml'), text: ' '.repeat(300_000) };
  const peerproof = await serve(large, { log: { write: () => undefined } });
  t.is(lost.deref(), undefined);
  await peerproof.drain();
});
