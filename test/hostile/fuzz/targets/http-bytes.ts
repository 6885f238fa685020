import assert from 'node:assert/strict';
import { connect } from 'node:net';
import fc from 'fast-check';
import { startHttpDoor } from '../../../../src/http/door.ts';
import { createHttpSettings } from '../../../../src/http/settings.ts';
import { withDeadline } from '../../../support/wait.ts';
import { type Target, target } from '../campaign.ts';
import { mutatedText } from '../mutate-text.ts';
import { worlds } from '../world.ts';

const endpoint = {
  path: '/auth',
  proxies: [{ address: '127.0.0.1', bits: 32, family: 'ipv4' as const }],
  original: 'x-original' as const,
};

const requests = [
  'GET /check/orders/7 HTTP/1.1\r\nHost: orders.example.com\r\nAuthorization: Bearer a.b.c\r\n\r\n',
  'POST /check/token HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na=b&cGET /check/x HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /auth?allowed_groups=a HTTP/1.1\r\nHost: a\r\nX-Original-Method: GET\r\nX-Original-URI: /orders/7\r\nX-Original-Host: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  'GET /auth HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /check/orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\0\x04\x01\x05\0\0\0\x01\x82\x84\x86\x41',
];
const words = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  ':',
  '\t',
  'HTTP/1.1',
  'HTTP/2.0',
  'Content-Length: 5\r\n',
  'Content-Length: -1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: x\r\n',
  'Expect: 100-continue\r\n',
  'Upgrade: h2c\r\nConnection: Upgrade\r\n',
  'Host: a\r\n',
  'CONNECT ',
  'OPTIONS * ',
  'http://a/check/x',
  '0\r\n\r\n',
  'ffffffffffffffffff\r\n',
  'X: y\r\n',
];

/** Made at once, for the whole process: a door with a prefix and a forward auth, to which no token is ever sent. */
export async function createHttpBytesTarget(): Promise<Target> {
  const [world] = worlds as [(typeof worlds)[number]];
  const config = {
    realm: 'peerproof',
    dpop: { algorithms: [] },
    identity: { preset: 'standard' as const },
    http: { pathPrefix: '/check', xfcc: 'none' as const, forwardAuth: [endpoint] },
  };
  const door = await startHttpDoor({
    host: '127.0.0.1',
    port: 0,
    settings: createHttpSettings(config),
    check: world.decide,
    needsBody: () => true,
    clock: () => world.clock.now,
  });
  return target<string>({
    name: 'http-bytes',
    inputs: mutatedText(fc.constantFrom(...requests), { words, bytes: true }),
    hold: (bytes) => isHeard(door.port, bytes),
    reaches: ['400', '401', 'nothing'],
    // A connection of its own each.
    within: 250,
    stop: () => door.close(0),
  });
}

/** Any input gives only complete HTTP answers, and none of them is an allow. */
async function isHeard(port: number, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port, host: '127.0.0.1' });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', (error: NodeJS.ErrnoException) =>
    /^(?:ECONNRESET|EPIPE)$/.test(error.code ?? '') ? undefined : reject(error),
  );
  socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  socket.end(Buffer.from(bytes, 'latin1'));
  const text = await withDeadline('the end of the connection', 3_000, promise).finally(() =>
    socket.destroy(),
  );
  if (text === '') return 'nothing';
  if (!text.startsWith('HTTP/')) {
    assert.ok(bytes.startsWith('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'frames for somebody who sent none');
    return 'frames';
  }
  let rest = text;
  let first = '';
  while (rest !== '') {
    const [head, status, fields] =
      /^HTTP\/1\.1 (\d{3}) [A-Za-z ]+\r\n((?:[!-9;-~]+: [ -~]*\r\n)*)\r\n/.exec(rest) ?? [];
    assert.ok(
      head !== undefined && status !== undefined && fields !== undefined,
      JSON.stringify(rest.slice(0, 200)),
    );
    assert.ok([400, 401, 403, 408, 413, 431].includes(Number(status)), `an answer of ${status}`);
    const length = Number(/^content-length: (\d+)\r$/im.exec(fields)?.[1]);
    // An answer to HEAD says how long it would be.
    rest = rest.slice(head.length);
    rest = rest.startsWith('HTTP/') ? rest : rest.slice(length);
    first ||= status;
  }
  return first;
}
