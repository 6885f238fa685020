import { connect } from 'node:net';
import type { Mend } from './scenario.ts';

/**
 * Opens connections to the admin port that ask for a page, and never read the answer.
 * @returns what ends them
 */
export function stopReading(port: number, path: string, count: number): Mend {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    return socket.pause();
  });
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}
