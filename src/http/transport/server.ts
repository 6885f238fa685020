import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Intake } from '../../http2/intake.ts';
import { FirstBytes, isHttp2 } from '../../http2/protocol-sniffing.ts';
import { ServerCertificates, type ServerTls } from '../../http2/server-tls.ts';
import { listen } from '../../lib/listen.ts';
import { serveHttp1 } from './http1.ts';
import { serveHttp2 } from './http2.ts';
import { bodies, defaultLimits, type HttpLimits } from './limits.ts';
import type { Answer } from './messages.ts';

export type { HttpAnswer, HttpCheck } from './messages.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  /** PEM. With `clientCa`, only clients with a certificate of that authority are served. */
  readonly tls?: ServerTls | undefined;
  /** Must not reject. If it rejects or throws, the answer is 500 with an empty body. */
  readonly answer: Answer;
}

export interface HttpServer {
  readonly port: number;
  /**
   * Ends idle connections, and the others with their answers or after `timeout` milliseconds. Never rejects.
   */
  close(timeout: number): Promise<void>;
  /** Replaces the certificate for new connections. Does nothing without TLS. */
  replaceCertificate(tls: ServerTls): void;
}

/**
 * Serves HTTP/1.1 and HTTP/2 on one port. ALPN tells them apart, or the first bytes if there is no TLS (RFC
 * 9113 §3.3). Every request goes to `answer`, with any method and path, except for malformed ones and
 * CONNECT, which always gets a 403. The content of a request and its sender are **not** checked. Rejects if
 * the port cannot be listened on.
 */
export async function startHttpServer(
  { host, port, tls, answer }: HttpServerOptions,
  limits: HttpLimits = defaultLimits,
): Promise<HttpServer> {
  const sockets = new Set<Socket>();
  const fresh = new FirstBytes(limits.head);
  const intake = new Intake(bodies);
  const http2 = serveHttp2(answer, limits, intake);
  const http1 = serveHttp1(tls, answer, limits, intake);
  const { server } = http1;
  const certificates = new ServerCertificates(server, tls);

  // The HTTP/1 server listens for both, so that its own limits and its handling of idle connections apply. It
  // gets a connection only after the first bytes.
  intercept(server, 'connection', (socket: Socket, serve) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    if (tls) fresh.wait(socket, () => true, serve);
    else fresh.wait(socket, isHttp2, (found) => (found ? http2.accept(socket) : serve()));
  });
  if (tls) {
    intercept(server, 'secureConnection', (socket: TLSSocket, serve) => {
      socket.on('error', () => {});
      const found = socket.alpnProtocol === 'h2';
      fresh.wait(
        socket,
        () => true,
        () => (found ? http2.accept(socket) : serve()),
      );
    });
    // A failed handshake is answered with an alert, and not with HTTP.
    server.removeAllListeners('tlsClientError');
    server.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy());
  }

  const openedPort = await listen(server, { host, port });
  return {
    port: openedPort,
    replaceCertificate: (next) => certificates.replace(next),
    async close(timeout) {
      const closed = Promise.withResolvers<void>();
      http1.close(closed.resolve);
      http2.close();
      fresh.close();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, timeout);
      await closed.promise;
      clearTimeout(timer);
    },
  };
}

/** Intercepts an event. The previous listeners get it when `then` calls `serve`. */
function intercept<S>(server: Server, event: string, then: (socket: S, serve: () => void) => void): void {
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (socket: S) =>
    then(socket, () => {
      for (const listener of listeners) listener.call(server, socket);
    }),
  );
}
