import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Free ports for servers that must know their port before they bind it.
 *
 * They come from below the range the kernel hands to outgoing connections, so a connection made by a test running beside
 * this one cannot take the port between the look and the bind.
 */
const LOWEST = 12_000;
const HIGHEST = 30_000;
const ATTEMPTS = 100;

/**
 * Reserves a port until this thread ends: takes the UDP port of the same number at an address that servers do not use. So a test
 * in another thread or process takes another port, also before a server has bound this one. Only Linux has that address.
 */
function reserve(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4').unref();
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'EADDRINUSE'));
    socket.bind({ port, address: '127.0.0.2', exclusive: true }, () => resolve(true));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port of 127.0.0.1 without a listener. Other callers, in any thread or process, do not get the same one. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
  throw new Error(`no free port in ${ATTEMPTS} attempts`);
}
