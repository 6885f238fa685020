import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { listen } from '../lib/listen.ts';
import { FirstBytes, isHttp2 } from './protocol-sniffing.ts';
import { ServerCertificates, type ServerTls, tlsOptions } from './server-tls.ts';
import type { Sessions } from './sessions.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  readonly tls?: ServerTls | undefined;
  /** Milliseconds for a TLS handshake, and for the first bytes of a connection. */
  readonly head: number;
  readonly connections: number;
}

export interface Listener {
  readonly port: number;
  /** Replaces the certificate for new connections. Does nothing without TLS. */
  replaceCertificate(tls: ServerTls): void;
  /** Takes no new connections. Ends the others with their last answer, or after `timeout` milliseconds. */
  close(timeout: number): Promise<void>;
}

/**
 * Listens for HTTP/2 only: by ALPN, or by prior knowledge if there is no TLS or the client names no protocol.
 * Other connections are ended. Rejects if the port cannot be listened on.
 */
export async function listenHttp2(options: ListenerOptions, sessions: Sessions): Promise<Listener> {
  const { host, port, tls, head, connections } = options;
  const sockets = new Set<Socket>();
  const fresh = new FirstBytes(head);
  const begin = (socket: Socket): void =>
    fresh.wait(socket, isHttp2, (found) => {
      if (found) sessions.accept(socket);
      else socket.destroy();
    });
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    if (!tls) begin(socket);
  };
  const server: Server = tls
    ? createTlsServer({ ...tlsOptions(tls, head), ALPNProtocols: ['h2'], noDelay: true })
    : createServer({ noDelay: true });
  server.maxConnections = connections;
  server.on('connection', track);
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => {});
    begin(socket);
  });
  server.on('tlsClientError', (_error: Error, socket: TLSSocket) => socket.destroy());

  const openedPort = await listen(server, { host, port });
  const certificates = new ServerCertificates(server, tls);
  return {
    port: openedPort,
    replaceCertificate: (next) => certificates.replace(next),
    async close(timeout) {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      sessions.close();
      fresh.close();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, timeout);
      await closed.promise;
      clearTimeout(timer);
    },
  };
}
