import { randomInt } from 'node:crypto';
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

const handedOut = new Set<number>();

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port of 127.0.0.1 without a listener. This process never gets the same one twice. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port in ${ATTEMPTS} attempts`);
}
