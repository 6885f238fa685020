import type { AddressInfo, Server, Socket } from 'node:net';

/** Listens on 127.0.0.1, on a free port unless one is named, and gives the port. */
export function listen(server: Server, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Remembers connections, so that stopping does not wait for peers that keep theirs open. For servers that listen later. */
export function closer(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}

/** A server that can go and come back on the same port. It is down at first. */
export function upAndDown(
  port: number,
  create: () => Server,
): { up(): Promise<void>; down(): Promise<void> } {
  let stop: (() => Promise<void>) | undefined;
  return {
    up: async () => {
      const server = create();
      const close = closer(server);
      await listen(server, port);
      stop = close;
    },
    down: async () => {
      await stop?.();
      stop = undefined;
    },
  };
}
