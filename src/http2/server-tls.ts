import { Server, type TlsOptions } from 'node:tls';

/** PEM. With `clientCa`, only clients with a certificate of it are served. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string | undefined;
}

/** How a server with this certificate begins. */
export function tlsOptions({ cert, key, clientCa }: ServerTls, handshakeTimeout: number): TlsOptions {
  const client = clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return { cert, key, ...client, handshakeTimeout };
}

/**
 * Puts other certificates in place for new connections. Whether clients are asked for one stays as it was when the server
 * began; and so, where the new settings name no authority for them, the one before goes on: without any, Node would take
 * the public authorities, and every client with a certificate of one of those would be let in.
 */
export class ServerCertificates {
  readonly #server: unknown;
  #clientCa: string | undefined;

  constructor(server: unknown, first: ServerTls | undefined) {
    this.#server = server;
    this.#clientCa = first?.clientCa;
  }

  /** Without TLS it does nothing. */
  replace({ cert, key, clientCa = this.#clientCa }: ServerTls): void {
    if (!(this.#server instanceof Server)) return;
    // Only of use where clients are asked.
    if (this.#clientCa !== undefined) this.#clientCa = clientCa;
    const ca = this.#clientCa;
    this.#server.setSecureContext({ cert, key, ...(ca !== undefined && { ca }) });
  }
}
