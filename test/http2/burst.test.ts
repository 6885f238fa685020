import test from 'ava';
import { call, openDoor, openSession } from '../grpc/door-world.ts';
import { createCa } from '../support/ca.ts';

const ca = await createCa();
const { certPem: cert, keyPem: key } = await ca.server();
const streams = 700;
const rounds = 3;

for (const [name, tls] of [
  ['without TLS', undefined],
  ['with TLS', { cert, key }],
] as const)
  test(`burst – thousands of checks of one connection at once are all answered, ${name}`, async (t) => {
    const { port, asked } = await openDoor(t, { tls, maxConcurrentStreams: streams });
    const session = openSession(t, port, tls && ca.certPem);
    let answered = 0;
    for (let round = 0; round < rounds; round++) {
      const ended = await Promise.all(Array.from({ length: streams }, () => call(session)));
      answered += ended.filter(({ status }) => status === '0').length;
    }
    t.is(answered, streams * rounds);
    t.is(asked.length, streams * rounds);
  });
