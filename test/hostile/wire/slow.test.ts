import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { frameOf } from '../../../tools/bench/frame.ts';
import { httpCheck } from '../../support/check-client.ts';
import { type Attacker, openMany } from './attacker.ts';
import { flags, frame, preface, request, settingIds, settings, types } from './frames.ts';
import { type Stand, startStand, withstands } from './stand.ts';

/** Who takes their time: connections that say nothing, little, or never listen to an answer. */
let stand: Stand;

test.before(async () => {
  stand = await startStand();
});

test.after.always(async () => {
  await stand?.stop();
});

const ports = ['grpcPort', 'httpPort'] as const;
const start = Buffer.concat([preface, settings()]);
const grpc = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/envoy.service.auth.v3.Authorization/Check'],
  [':authority', 'a'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
] as const;
const odd = (n: number) => 1 + 2 * n;

/** A whole check on a stream. */
function check(stream: number): Buffer {
  const body = frame(types.data, flags.endStream, stream, frameOf(httpCheck('a.b.c')));
  return Buffer.concat([request(stream, grpc), body]);
}

/** A thousand checks, of which none waits for its answer. */
function askMany(attacker: Attacker, check: (stream: number) => Buffer): Promise<unknown> {
  const fifty = (round: number) =>
    Buffer.concat(Array.from({ length: 50 }, (_, n) => check(odd(round * 50 + n))));
  return attacker.flood(fifty, 20, 1_000);
}

for (const port of ports) {
  test.serial(`wire – a thousand connections that say nothing, at ${port} (attacks 16)`, async (t) => {
    await withstands(t, stand, async () => {
      const attackers = await openMany(stand.peerproof[port], 1_000);
      await sleep(500);
      for (const attacker of attackers) attacker.close();
    });
  });

  test.serial(
    `wire – five hundred connections that say half of something, at ${port} (attacks 16)`,
    async (t) => {
      const halves = [
        preface.subarray(0, 20),
        start,
        start.subarray(0, 30),
        Buffer.concat([start, request(1, grpc, 0)]),
      ];
      await withstands(t, stand, async () => {
        const attackers = await openMany(stand.peerproof[port], 500);
        await Promise.all(attackers.map((attacker, n) => attacker.say(halves[n % halves.length] as Buffer)));
        await sleep(500);
        // Half of them leave as clients do that have crashed, the others as those that have not.
        for (const [n, attacker] of attackers.entries()) {
          if (n % 2 === 0) attacker.socket.end();
          else attacker.socket.resetAndDestroy();
        }
        await sleep(200);
        for (const attacker of attackers) attacker.close();
      });
    },
  );

  test.serial(`wire – a hundred connections in drips, at ${port} (attacks 16)`, async (t) => {
    await withstands(t, stand, async () => {
      const attackers = await openMany(stand.peerproof[port], 100);
      const bytes = Buffer.concat([start, check(1)]);
      try {
        await Promise.all(
          attackers.map(async (attacker) => {
            for (let at = 0; at < 120 && attacker.open; at++) {
              await attacker.say(bytes.subarray(at, at + 1));
              await sleep(8);
            }
          }),
        );
      } finally {
        for (const attacker of attackers) attacker.close();
      }
    });
  });

  test.serial(
    `wire – answers that the client does not accept: a window of 0, at ${port} (attacks 16)`,
    async (t) => {
      await withstands(t, stand, async () => {
        const attackers = await openMany(stand.peerproof[port], 2);
        try {
          await Promise.all(
            attackers.map(async (attacker) => {
              await attacker.say(Buffer.concat([preface, settings([[settingIds.initialWindowSize, 0]])]));
              await askMany(attacker, check);
            }),
          );
          await sleep(500);
        } finally {
          for (const attacker of attackers) attacker.close();
        }
      });
    },
  );

  test.serial(
    `wire – answers that the client does not read from the socket, at ${port} (attacks 16)`,
    async (t) => {
      await withstands(t, stand, async () => {
        const attackers = await openMany(stand.peerproof[port], 2);
        try {
          await Promise.all(
            attackers.map(async (attacker) => {
              attacker.socket.pause();
              await attacker.say(start);
              await askMany(attacker, check);
            }),
          );
          await sleep(500);
        } finally {
          for (const attacker of attackers) attacker.close();
        }
      });
    },
  );
}

test.serial(
  'wire – connections that never ask anything are closed by the HTTP port itself (attacks 16)',
  async (t) => {
    await withstands(t, stand, async () => {
      const attackers = [
        ...(await openMany(stand.peerproof.httpPort, 50)),
        ...(await openMany(stand.peerproof.httpPort, 50)),
      ];
      try {
        await Promise.all(
          attackers.map((attacker, n) =>
            attacker.say([preface.subarray(0, 9), start, 'GET / HTTP/1.1\r\nX', ''][n % 4] ?? ''),
          ),
        );
        const over = await Promise.all(attackers.map((attacker) => attacker.ended(40_000)));
        t.true(over.every(Boolean), `${over.filter((one) => !one).length} connections are still open`);
      } finally {
        for (const attacker of attackers) attacker.close();
      }
    });
  },
);
