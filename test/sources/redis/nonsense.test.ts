import { createServer } from 'node:net';
import test from 'ava';
import { waitFor } from '../../support/wait.ts';
import { startReplica } from './stores.ts';

/** A server that marks proofs as Redis does, and gives this answer about the proof `odd`. */
async function startOdd(answer: string) {
  const used = new Set<string>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const command of chunk.toString('latin1').split(/(?=\*\d+\r\n\$)/)) {
        const [, id] = /used:(\w+)/.exec(command) ?? [];
        if (id === 'odd') socket.write(answer);
        else if (id !== undefined) socket.write(used.has(id) ? '$5\r\nother\r\n' : '_\r\n');
        else socket.write(/HELLO/i.test(command) ? '%1\r\n+server\r\n+redis\r\n' : '+OK\r\n');
        if (id !== undefined) used.add(id);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  return { port, connections: () => connections, stop: () => void server.close() };
}

const answers: Readonly<Record<string, string>> = {
  'an answer of HTTP': 'HTTP/1.1 400 Bad Request\r\n\r\n',
  'an answer of bytes': '\0\0\0\0',
  'two answers': '+OK\r\n+OK\r\n',
};
for (const [what, answer] of Object.entries(answers))
  test(`nonsense – after ${what}, no answer counts for another proof`, async (t) => {
    const server = await startOdd(answer);
    const replica = await startReplica({ address: { host: '127.0.0.1', port: server.port } });
    t.teardown(() => {
      replica.store.stop();
      server.stop();
    });
    const use = (id: string) => replica.use(id).catch(() => undefined);
    t.true(await use('a'));
    t.not(await use('odd'), true);
    for (let round = 0; round < 3; round++) {
      const [replay] = await Promise.all([use('a'), use(`new${round}`)]);
      t.not(replay, true);
    }
    await waitFor('another connection', 5_000, async () => (await use('a')) === false);
    t.is(server.connections(), 2);
  });
