import { connect } from 'node:http2';
import test, { type ExecutionContext } from 'ava';
import { checkPath, goodFrame, openDoor } from '../grpc/door-world.ts';
import { createCa } from '../support/ca.ts';
import { withDeadline } from '../support/wait.ts';

const ca = await createCa();
const { certPem: cert, keyPem: key } = await ca.server();
const head = { ':method': 'POST', ':path': checkPath, 'content-type': 'application/grpc', te: 'trailers' };
const streams = 700;
const rounds = 3;

/** Sends all checks of a round at once. @returns how many were answered with the gRPC status OK */
async function burst(t: ExecutionContext, url: string): Promise<number> {
  const session = connect(url, { ca: ca.certPem });
  t.teardown(() => session.destroy());
  session.setMaxListeners(0);
  let answered = 0;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const call = session.request(head);
      call.on('trailers', (trailers) => {
        if (trailers['grpc-status'] === '0') answered++;
      });
      call.on('error', reject);
      call.on('close', resolve);
      call.resume();
      call.end(goodFrame);
    });
  for (let round = 0; round < rounds; round++) await Promise.all(Array.from({ length: streams }, one));
  return answered;
}

for (const [name, tls, scheme] of [
  ['without TLS', undefined, 'http'],
  ['with TLS', { cert, key }, 'https'],
] as const)
  test(`burst – thousands of checks of one connection at once are all answered, ${name}`, async (t) => {
    const { port, asked } = await openDoor(t, { tls, maxConcurrentStreams: streams });
    const answered = await withDeadline('the answers', 60_000, burst(t, `${scheme}://127.0.0.1:${port}`));
    t.is(answered, streams * rounds);
    t.is(asked.length, streams * rounds);
  });
