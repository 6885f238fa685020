import test from 'ava';
import { Attacker } from './attacker.ts';
import { framesOf, types } from './frames.ts';
import { type Malformed, malformed, notHttp } from './malformed.ts';
import { type Stand, startStand, withstands } from './stand.ts';

let stand: Stand;

test.before(async () => {
  stand = await startStand();
});

test.after.always(async () => {
  await stand?.stop();
});

/** Sends one after the other to a port; those for which a connection has to end are named if it does not. */
async function send(port: number, rows: readonly Malformed[]): Promise<string[]> {
  const survived = await Promise.all(
    rows.map(async ({ name, bytes, ends }) => {
      const attacker = new Attacker(port, true);
      try {
        await attacker.say(bytes);
        // Before the gRPC port would end it anyway, because it answers no ping.
        const over = await attacker.ended(ends ? 12_000 : 300);
        const told = attacker.frames.some(({ type }) => type === types.goaway);
        return ends && !over && !told ? [name] : [];
      } finally {
        attacker.close();
      }
    }),
  );
  return survived.flat();
}

test.serial('wire – invalid HTTP/2, at the gRPC port (attacks 16)', async (t) => {
  await withstands(t, stand, async () => {
    t.deepEqual(await send(stand.peerproof.grpcPort, malformed), []);
    t.deepEqual(await send(stand.peerproof.grpcPort, notHttp), []);
  });
});

test.serial('wire – invalid HTTP/2, at the HTTP port (attacks 16)', async (t) => {
  await withstands(t, stand, async () => {
    t.deepEqual(await send(stand.peerproof.httpPort, malformed), []);
    t.deepEqual(await send(stand.peerproof.httpPort, notHttp), []);
  });
});

test.serial('wire – a thousand of them at once, each cut off at another byte (attacks 16)', async (t) => {
  await withstands(t, stand, async () => {
    for (const port of [stand.peerproof.grpcPort, stand.peerproof.httpPort])
      for (let round = 0; round < 10; round++) {
        const attackers = malformed.map(({ bytes }, index) => {
          const attacker = new Attacker(port);
          void attacker.say(bytes.subarray(0, 1 + ((round * 7919 + index * 104_729) % bytes.length)));
          return attacker;
        });
        await Promise.all(attackers.map((attacker) => attacker.ended(20)));
        for (const attacker of attackers) attacker.close();
      }
  });
});

test('wire – the frames of these tests are what they should be', (t) => {
  const [first] = malformed.filter(({ name }) => name === 'a ping on a stream');
  const { frames, rest } = framesOf(first?.bytes.subarray(24) ?? Buffer.alloc(0));
  t.is(rest.length, 0);
  t.deepEqual(
    frames.map(({ type, stream, payload }) => [type, stream, payload.length]),
    [
      [types.settings, 0, 0],
      [types.ping, 1, 8],
    ],
  );
});
