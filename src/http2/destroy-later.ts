import type { Duplex } from 'node:stream';

/** Destroys what has been ended, but not at once: with something unread, that would take back the last words. */
export function destroyLater(socket: Duplex, grace: number): void {
  const timer = setTimeout(() => socket.destroy(), grace);
  socket.once('close', () => clearTimeout(timer));
}
