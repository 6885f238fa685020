import type { Server as AnyServer } from 'node:net';
import { Server, type TlsOptions } from 'node:tls';

/** PEM. With `clientCa`, only clients with a certificate of that authority are served. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string | undefined;
}

/** The options of a new server with this certificate. */
export function tlsOptions({ cert, key, clientCa }: ServerTls, handshakeTimeout: number): TlsOptions {
  const client = clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return { cert, key, ...client, handshakeTimeout };
}

/**
 * Replaces certificates for new connections. Whether clients need a certificate is fixed when the server
 * starts. If the new settings name no authority for clients, the previous one stays. Without one, Node would
 * trust the public authorities, and every client with a public certificate would be let in.
 */
export class ServerCertificates {
  readonly #server: AnyServer;
  #clientCa: string | undefined;

  constructor(server: AnyServer, first: ServerTls | undefined) {
    this.#server = server;
    this.#clientCa = first?.clientCa;
  }

  /** Does nothing without TLS. */
  replace({ cert, key, clientCa = this.#clientCa }: ServerTls): void {
    if (!(this.#server instanceof Server)) return;
    // Used only if clients need a certificate.
    if (this.#clientCa !== undefined) this.#clientCa = clientCa;
    const ca = this.#clientCa;
    this.#server.setSecureContext({ cert, key, ...(ca !== undefined && { ca }) });
  }
}
