import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { destroyLater } from '../../http2/destroy-later.ts';

/** Ends the connection of a client that made a mistake, ahead of anything it is still owed. What it sends is not read. */
export function cutOff(socket: Duplex, status: number, grace: number): void {
  if (socket.writableEnded) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  socket.pause();
  destroyLater(socket, grace);
}
