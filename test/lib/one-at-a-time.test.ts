import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Registry } from 'prom-client';
import { openPushDoor } from '../../src/events/push-door.ts';
import { startHttpServer } from '../../src/http/transport/server.ts';
import { startAdminServer } from '../../src/operate/admin-server.ts';
import { startMetadataServer } from '../../src/operate/metadata-server.ts';

const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
/** As many as one read of 64 KiB holds. */
const many = Math.floor(65_536 / request.length);

/** How many requests Node makes of all that one connection sends at once. */
async function madeOf(t: ExecutionContext, port: number): Promise<number> {
  let made = 0;
  const count = () => {
    made++;
  };
  subscribe('http.server.request.start', count);
  t.teardown(() => void unsubscribe('http.server.request.start', count));
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.write(request.repeat(many));
  await once(socket, 'close');
  return made;
}

const host = '127.0.0.1';
const ports: Record<string, (t: ExecutionContext) => Promise<number>> = {
  async metadata(t) {
    const server = await startMetadataServer({ host, port: 0 }, () => undefined);
    t.teardown(() => server.close(0));
    return server.port;
  },
  async events(t) {
    const receive = async () => undefined;
    const door = await openPushDoor({ host, port: 0, transmitters: () => new Map(), receive });
    t.teardown(() => door.close());
    return door.port;
  },
  async admin(t) {
    const server = await startAdminServer(
      { host, port: 0 },
      () => ({ ready: true }) as never,
      new Registry(),
    );
    t.teardown(() => server.close());
    return server.port;
  },
};

for (const [name, open] of Object.entries(ports))
  test.serial(`one at a time – ${many} requests in one read cost the ${name} port two`, async (t) => {
    t.is(await madeOf(t, await open(t)), 2);
  });

test.serial(`one at a time – ${many} requests in one read cost the HTTP door a hundred`, async (t) => {
  const server = await startHttpServer({ host, port: 0, answer: () => new Promise(() => {}) });
  t.teardown(() => void server.close(0));
  t.is(await madeOf(t, server.port), 101);
});

test.serial('one at a time – one after the other, a connection has as many as it likes', async (t) => {
  const port = await (ports.metadata as (typeof ports)[string])(t);
  const socket = connect(port, host);
  t.teardown(() => void socket.destroy());
  for (let n = 0; n < 20; n++) {
    socket.write(request);
    const [answer] = await once(socket, 'data');
    t.regex(String(answer), /^HTTP\/1\.1 404/);
  }
});
