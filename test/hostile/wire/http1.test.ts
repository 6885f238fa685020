import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { type Attacker, openMany } from './attacker.ts';
import { type Stand, startStand, withstands } from './stand.ts';

/** HTTP/1.1 at the HTTP port: what is slow, too long, or no HTTP at all. */
let stand: Stand;

test.before(async () => {
  stand = await startStand();
});

test.after.always(async () => {
  await stand?.stop();
});

const get = (path = '/orders') => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const post = (headers: string) => `POST /orders HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;

/** The status of the first answer; undefined where there was none. */
const status = ({ head }: Attacker) => /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];

test.serial(
  'wire – slowloris: heads that never end are cut off after five seconds (attacks 16)',
  async (t) => {
    await withstands(t, stand, async () => {
      const attackers = await openMany(stand.peerproof.httpPort, 500);
      try {
        const dripping = attackers.map(async (attacker, n) => {
          await attacker.say(`GET /${n} HTTP/1.1\r\nHost: a\r\n`);
          for (let line = 0; attacker.open && line < 300; line++) {
            await attacker.say(`X-${line}: y\r\n`);
            await sleep(200);
          }
        });
        const over = await Promise.all(attackers.map((attacker) => attacker.ended(40_000)));
        t.is(over.filter((one) => !one).length, 0, 'are still open');
        t.deepEqual([...new Set(attackers.map(status))], ['408']);
        for (const attacker of attackers) attacker.close();
        await Promise.all(dripping);
      } finally {
        for (const attacker of attackers) attacker.close();
      }
    });
  },
);

test.serial(
  'wire – bodies that never end: in drips, in chunks, and longer than they said (attacks 16)',
  async (t) => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const bodies: Record<string, [head: string, piece: string]> = {
      chunks: [post('Transfer-Encoding: chunked\r\n'), chunk],
      'one long one': [post('Content-Length: 99999999999\r\n'), 'x'.repeat(65_536)],
      'tiny chunks': [post('Transfer-Encoding: chunked\r\n'), '1\r\nx\r\n'.repeat(1_000)],
      'chunk extensions': [post('Transfer-Encoding: chunked\r\n'), `1;${'x'.repeat(30_000)}\r\nx\r\n`],
      'a chunk of 2^64': [post('Transfer-Encoding: chunked\r\n'), 'ffffffffffffffff\r\n'],
      trailers: [post('Transfer-Encoding: chunked\r\n'), `0\r\n${'X: y\r\n'.repeat(1_000)}`],
      drips: [post('Content-Length: 1000000\r\n'), 'x'],
    };
    await withstands(t, stand, async () => {
      await Promise.all(
        Object.entries(bodies).map(async ([name, [head, piece]]) => {
          const attackers = await openMany(stand.peerproof.httpPort, 5);
          try {
            await Promise.all(
              attackers.map(async (attacker) => {
                await attacker.say(head);
                await attacker.flood(() => piece, 2_000, 1_000);
                // The answer does not wait for a body that is not needed.
                t.true(await attacker.ended(30_000), `${name}: is still open`);
                t.regex(status(attacker) ?? 'none', /^(?:400|401|413|431|none)$/, name);
              }),
            );
          } finally {
            for (const attacker of attackers) attacker.close();
          }
        }),
      );
    });
  },
);

test.serial('wire – pipelines: as many requests as a connection takes (attacks 16)', async (t) => {
  await withstands(t, stand, async () => {
    const attackers = await openMany(stand.peerproof.httpPort, 10);
    try {
      const sent = await Promise.all(
        attackers.map((attacker) => attacker.flood(() => get().repeat(50), 60, 1_000)),
      );
      t.true(sent.every((pieces) => pieces > 0));
      for (const attacker of attackers) t.regex(status(attacker) ?? 'none', /^(?:401|none)$/);
    } finally {
      for (const attacker of attackers) attacker.close();
    }
  });
});

test.serial('wire – pipelined requests whose answers are not read (attacks 16)', async (t) => {
  await withstands(t, stand, async () => {
    const attackers = await openMany(stand.peerproof.httpPort, 10);
    try {
      await Promise.all(
        attackers.map((attacker) => {
          attacker.socket.pause();
          return attacker.flood(() => get().repeat(50), 200, 1_000);
        }),
      );
      await sleep(500);
    } finally {
      for (const attacker of attackers) attacker.close();
    }
  });
});

const heads: Record<string, string> = {
  'many lines': `GET /orders HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(5_000)}\r\n`,
  'one long line': `GET /orders HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
  'a long target': get(`/${'a'.repeat(100_000)}`),
  'a long name': `GET /orders HTTP/1.1\r\nHost: a\r\n${'x'.repeat(100_000)}: y\r\n\r\n`,
  'a token of 60 KB': `GET /orders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${'a'.repeat(60_000)}\r\n\r\n`,
  'two lengths': post('Content-Length: 1\r\nContent-Length: 2\r\n'),
  'a length and chunks': post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'),
  'chunks twice': post('Transfer-Encoding: chunked, chunked\r\n'),
  'bare line feeds': 'GET /orders HTTP/1.1\nHost: a\n\n',
  'a folded line': 'GET /orders HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n',
  'a space before the colon': 'GET /orders HTTP/1.1\r\nHost : a\r\n\r\n',
  NUL: 'GET /orders HTTP/1.1\r\nHost: a\0b\r\n\r\n',
  'no host': 'GET /orders HTTP/1.1\r\n\r\n',
  'two hosts': 'GET /orders HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'HTTP/3.0': 'GET /orders HTTP/3.0\r\nHost: a\r\n\r\n',
  'no method': ' /orders HTTP/1.1\r\nHost: a\r\n\r\n',
  'a tunnel': 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n',
  'an upgrade':
    'GET /orders HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
  'empty lines': `${'\r\n'.repeat(20_000)}${get()}`,
  noise: Buffer.from(Array.from({ length: 50_000 }, (_, n) => (n * 7919) & 0xff)).toString('latin1'),
};

test.serial('wire – heads that no proxy sends, two hundred of each (attacks 16)', async (t) => {
  await withstands(t, stand, async () => {
    for (const [name, head] of Object.entries(heads)) {
      const attackers = await openMany(stand.peerproof.httpPort, 20);
      try {
        await Promise.all(
          attackers.map(async (attacker) => {
            await attacker.say(head);
            // Some heads get no answer, only an end.
            for (let waited = 0; attacker.head === '' && attacker.open && waited < 3_000; waited += 10)
              await sleep(10);
            t.regex(status(attacker) ?? 'none', /^(?:400|401|403|405|431|505|none)$/, name);
          }),
        );
      } finally {
        for (const attacker of attackers) attacker.close();
      }
    }
  });
});

test.serial('wire – a connection for each request, thousands of them (attacks 16)', async (t) => {
  await withstands(t, stand, async () => {
    for (let round = 0; round < 10; round++) {
      const attackers = await openMany(stand.peerproof.httpPort, 200);
      await Promise.all(attackers.map((attacker) => attacker.say(get())));
      for (const [n, attacker] of attackers.entries())
        if (n % 2 === 0) attacker.close();
        else attacker.socket.resetAndDestroy();
    }
  });
});

test.serial(
  'wire – who asks for the metrics again and again keeps nobody waiting (attacks 16)',
  async (t) => {
    await withstands(t, stand, async () => {
      const { adminPort } = stand.peerproof;
      const attackers = await openMany(adminPort, 300);
      try {
        await Promise.all(
          attackers.map((attacker, n) =>
            attacker.say(n % 15 === 0 ? get('/metrics').repeat(300) : get().slice(0, -2)),
          ),
        );
        await sleep(500);
      } finally {
        for (const attacker of attackers) attacker.close();
      }
    });
  },
);
