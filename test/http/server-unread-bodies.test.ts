import test from 'ava';
import { collect } from '../support/heap.ts';
import { waitFor } from '../support/wait.ts';
import { frame, post, preface, settings } from './server-frames.ts';
import { echo, patience, RawClient, serve } from './server-world.ts';

const [streams, pieces] = [4, 20_000];

test('unread body, http/2 – one in tiny pieces takes no memory while its check waits', async (t) => {
  const never = new Promise<never>(() => {});
  const { port, asked } = await serve(t, (check) => (check.target === '/last' ? echo(check) : never));
  const client = new RawClient(t, port).say(Buffer.concat([preface, settings]));
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let stream = 1; stream < 2 * streams; stream += 2) client.say(post(stream, '/held'));
  for (let stream = 1; stream < 2 * streams; stream += 2)
    client.say(Buffer.concat(Array(pieces).fill(frame(0, 0, stream, Buffer.from('a')))));
  client.say(post(2 * streams + 1, '/last'));
  await waitFor('all that was sent', patience, () => asked.length === streams + 1);
  collect();
  const kept = (process.memoryUsage().heapUsed - before) / streams;
  t.true(kept < 50 * pieces, `${kept} bytes of heap for each body of ${pieces}`);
});
