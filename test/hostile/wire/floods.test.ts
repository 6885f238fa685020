import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Attacker } from './attacker.ts';
import {
  block,
  field,
  flags,
  frame,
  ping,
  preface,
  request,
  reset,
  settingIds,
  settings,
  types,
  window,
} from './frames.ts';
import { type Stand, startStand, withstands } from './stand.ts';

/**
 * What costs the sender little and a server much: frames that must be answered, streams that are given up at once, header
 * blocks that unfold. Each is sent for two seconds at the most, from one to twenty connections, at both ports.
 */
let stand: Stand;

test.before(async () => {
  stand = await startStand();
});

test.after.always(async () => {
  await stand?.stop();
});

const { data, headers, priority, continuation } = types;
const { endHeaders, endStream } = flags;
const start = Buffer.concat([preface, settings()]);
const fields = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/envoy.service.auth.v3.Authorization/Check'],
  [':authority', 'a'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
] as const;
const times = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
const odd = (n: number) => 1 + 2 * n;

/** Puts `:path` with a value into the dynamic table once, and then names it again and again with one byte each. */
function bomb(round: number): Buffer {
  const value = 'v'.repeat(4_000);
  const first = Buffer.concat([Buffer.from([0x40]), field('x-bomb', value).subarray(1)]);
  const again = Buffer.alloc(16_000 - first.length, 0xbe);
  const payload =
    round === 0
      ? Buffer.concat([block(fields), first, again])
      : Buffer.concat([block(fields), Buffer.alloc(16_000, 0xbe)]);
  return frame(headers, endHeaders | endStream, odd(round), payload.subarray(0, 16_384));
}

/** A head of 200 lines. The first one puts all of them into the dynamic table; the others name each with a byte. */
function unfolded(stream: number): Buffer {
  const names = times(50, (n) => Buffer.concat([Buffer.from([0x40]), field(`x${n}`, 'v').subarray(1)]));
  const again = Buffer.from(times(150, (n) => 0x80 | (62 + (n % 50))));
  const lines = stream === 1 ? [...names, again] : [again, again.subarray(0, 50)];
  return frame(headers, endHeaders, stream, Buffer.concat([block(fields), ...lines]));
}

interface Flood {
  /** What is sent again and again after the preface. */
  readonly piece: (round: number) => Buffer;
  readonly rounds: number;
  readonly connections?: number;
  /** Milliseconds of processor time for an answer to the normal client, in place of those of `bounds`. */
  readonly slowest?: number;
  /** Milliseconds for which the connections stay open behind the flood. */
  readonly stays?: number;
}

/** One row a flood. A piece is as large as a packet of many frames. */
const floods: Record<string, Flood> = {
  'pings (CVE-2019-9512)': { piece: () => Buffer.concat(times(1_000, ping)), rounds: 500 },
  'settings (CVE-2019-9515)': { piece: () => Buffer.concat(times(1_000, () => settings())), rounds: 500 },
  'settings that change the table': {
    piece: () => Buffer.concat(times(1_000, (n) => settings([[1, n % 2 === 0 ? 0 : 65_536]]))),
    rounds: 200,
  },
  'windows for nobody': { piece: () => Buffer.concat(times(1_000, () => window(0, 1))), rounds: 500 },
  'priorities (CVE-2019-9513)': {
    piece: (round) =>
      Buffer.concat(
        times(1_000, (n) => frame(priority, 0, odd(round * 1_000 + n), Buffer.from([0, 0, 0, 0, 255]))),
      ),
    rounds: 200,
  },
  'frames of no type': { piece: () => Buffer.concat(times(1_000, () => frame(0xee, 0, 0))), rounds: 500 },
  'rapid reset (CVE-2023-44487)': {
    piece: (round) =>
      Buffer.concat(
        times(100, (n) => {
          const stream = odd(round * 100 + n);
          return Buffer.concat([request(stream, fields), reset(stream)]);
        }),
      ),
    rounds: 60,
    connections: 3,
  },
  'resets that the server has to make (CVE-2025-8671)': {
    piece: (round) =>
      Buffer.concat(
        times(100, (n) => {
          const stream = odd(round * 100 + n);
          return Buffer.concat([request(stream, fields), window(stream, 0)]);
        }),
      ),
    rounds: 60,
    connections: 3,
  },
  'CONTINUATION without end (CVE-2024-27983)': {
    piece: (round) =>
      round === 0
        ? request(1, fields, 0)
        : Buffer.concat(
            times(10, (n) => frame(continuation, 0, 1, field(`x-${round}-${n}`, 'y'.repeat(1_000)))),
          ),
    rounds: 5_000,
  },
  'empty CONTINUATION without end': {
    piece: (round) =>
      round === 0 ? request(1, fields, 0) : Buffer.concat(times(1_000, () => frame(continuation, 0, 1))),
    rounds: 500,
  },
  'empty DATA (CVE-2019-9518)': {
    piece: (round) =>
      round === 0 ? request(1, fields) : Buffer.concat(times(1_000, () => frame(data, 0, 1))),
    rounds: 500,
  },
  'a header block that unfolds (HPACK bomb)': { piece: bomb, rounds: 500, connections: 3 },
  'headers of 60 KB each': {
    piece: (round) =>
      Buffer.concat([
        frame(headers, endStream, odd(round), block(fields)),
        ...times(4, (n) =>
          frame(continuation, n === 3 ? endHeaders : 0, odd(round), field(`x-${n}`, 'y'.repeat(14_000))),
        ),
      ]),
    rounds: 1_000,
    connections: 2,
  },
  'ten thousand streams that never end': {
    piece: (round) => Buffer.concat(times(100, (n) => request(odd(round * 100 + n), fields))),
    rounds: 100,
    connections: 2,
  },
  'a hundred thousand heads without messages': {
    // It fetches its answers. SECURITY.md names the client that does not.
    piece: (round) =>
      Buffer.concat([window(0, 1_000_000), ...times(100, (n) => request(odd(round * 100 + n), fields))]),
    rounds: 69,
    connections: 20,
    // It is as much work as so many checks. Only a client of the port itself can send it.
    slowest: 15_000,
    stays: 4_000,
  },
  'unfolded heads without messages': {
    piece: (round) =>
      Buffer.concat([window(0, 1_000_000), ...times(50, (n) => unfolded(odd(round * 50 + n)))]),
    rounds: 100,
    connections: 3,
  },
  'settings that change the windows of many streams': {
    piece: (round) =>
      round === 0
        ? Buffer.concat(times(3_800, (n) => request(odd(n), fields)))
        : Buffer.concat(times(900, (n) => settings([[settingIds.initialWindowSize, 65_535 - (n % 2)]]))),
    rounds: 100,
    connections: 3,
  },
};

for (const port of ['grpcPort', 'httpPort'] as const)
  for (const [name, { piece, rounds, connections = 1, stays = 0, ...bounds }] of Object.entries(floods))
    test.serial(`wire – ${name}, at ${port} (attacks 16)`, async (t) => {
      const attack = async (): Promise<void> => {
        const attackers = times(connections, () => new Attacker(stand.peerproof[port]));
        try {
          const sent = await Promise.all(
            attackers.map(async (attacker) => {
              await attacker.say(start);
              return attacker.flood(piece, rounds, 1_000);
            }),
          );
          await sleep(stays);
          t.log(
            `${sent.join(' + ')} pieces; ${attackers.filter(({ open }) => open).length} connections still open`,
          );
        } finally {
          for (const attacker of attackers) attacker.close();
        }
      };
      await withstands(t, stand, attack, bounds);
    });
