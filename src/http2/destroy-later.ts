import type { Duplex } from 'node:stream';

/**
 * Destroys an ended socket after `grace` milliseconds. At once, with unread bytes, it would discard the last
 * answer.
 */
export function destroyLater(socket: Duplex, grace: number): void {
  const timer = setTimeout(() => socket.destroy(), grace);
  socket.once('close', () => clearTimeout(timer));
}
