import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { FirstBytes, isHttp2 } from '../../http2/protocol-sniffing.ts';
import { ServerCertificates, type ServerTls } from '../../http2/server-tls.ts';
import { serveHttp1 } from './http1.ts';
import { serveHttp2 } from './http2.ts';
import { defaultLimits, type HttpLimits } from './limits.ts';
import type { Answer } from './messages.ts';

export type { HttpAnswer, HttpCheck } from './messages.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** PEM. With `clientCa`, only clients with a certificate of it are served. */
  readonly tls?: ServerTls | undefined;
  /** Must not reject; if it nevertheless does, or throws, the answer is 500 with an empty body. */
  readonly answer: Answer;
}

export interface HttpServer {
  readonly port: number;
  /**
   * Takes no new connections, ends idle ones, and the others with the answers to their requests, or after `timeout`
   * milliseconds. Never rejects.
   */
  close(timeout: number): Promise<void>;
  /** Another certificate for new connections; without TLS it does nothing. */
  replaceCertificate(tls: ServerTls): void;
}

/**
 * HTTP/1.1 and HTTP/2 on one port, told apart by ALPN or, without TLS, by the first bytes (RFC 9113 §3.3). Every request
 * goes to `answer`, whatever its method and path, but for those that are no HTTP and CONNECT, which is always 403. What is
 * asked, and by whom, is not looked at. Rejects where the port cannot be listened on.
 */
export async function startHttpServer(
  { host, port, tls, answer }: HttpServerOptions,
  limits: HttpLimits = defaultLimits,
): Promise<HttpServer> {
  const sockets = new Set<Socket>();
  const fresh = new FirstBytes(limits.head);
  const http2 = serveHttp2(answer, limits);
  const http1 = serveHttp1(tls, answer, limits);
  const { server } = http1;
  const certificates = new ServerCertificates(server, tls);

  // The HTTP/1 server listens for both, so that its own limits and its own idea of an idle connection hold; a connection
  // comes to it only when it has asked something.
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
    // A failed handshake is answered by an alert, and not by HTTP.
    server.removeAllListeners('tlsClientError');
    server.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy());
  }

  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(port, host, listening.resolve);
  await listening.promise;
  return {
    port: (server.address() as AddressInfo).port,
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

/** Stands between an event and those who were told of it until now: they are told when `then` calls `serve`. */
function intercept<S>(server: Server, event: string, then: (socket: S, serve: () => void) => void): void {
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (socket: S) =>
    then(socket, () => {
      for (const listener of listeners) listener.call(server, socket);
    }),
  );
}
