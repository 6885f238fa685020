import * as grpc from '@grpc/grpc-js';

/** PEM. With `clientCa`, only clients with a certificate of it are served. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string | undefined;
}

/** The certificate of a gRPC server, which can be replaced while it runs: new connections see the new one. */
export class ServerCertificate implements grpc.experimental.CertificateProvider {
  readonly #identity = new Set<grpc.experimental.IdentityCertificateUpdateListener>();
  readonly #ca = new Set<grpc.experimental.CaCertificateUpdateListener>();
  #tls: ServerTls;

  constructor(tls: ServerTls) {
    this.#tls = tls;
  }

  /** For the server; whether clients are asked for a certificate stays as it is now. */
  credentials(): grpc.ServerCredentials {
    const asksClients = this.#tls.clientCa !== undefined;
    // The first is the server's own certificate, whatever its name in the declaration of grpc-js 1.14.
    return grpc.experimental.createCertificateProviderServerCredentials(
      this,
      asksClients ? this : null,
      asksClients,
    );
  }

  replace(tls: ServerTls): void {
    this.#tls = tls;
    for (const listener of this.#ca) this.#tellCa(listener);
    for (const listener of this.#identity) this.#tellIdentity(listener);
  }

  // Told later, as by the providers of grpc-js: what comes while the server is being made reaches nobody.
  addIdentityCertificateListener(listener: grpc.experimental.IdentityCertificateUpdateListener): void {
    this.#identity.add(listener);
    queueMicrotask(() => this.#tellIdentity(listener));
  }

  removeIdentityCertificateListener(listener: grpc.experimental.IdentityCertificateUpdateListener): void {
    this.#identity.delete(listener);
  }

  addCaCertificateListener(listener: grpc.experimental.CaCertificateUpdateListener): void {
    this.#ca.add(listener);
    queueMicrotask(() => this.#tellCa(listener));
  }

  removeCaCertificateListener(listener: grpc.experimental.CaCertificateUpdateListener): void {
    this.#ca.delete(listener);
  }

  #tellIdentity(listener: grpc.experimental.IdentityCertificateUpdateListener): void {
    listener({ certificate: Buffer.from(this.#tls.cert), privateKey: Buffer.from(this.#tls.key) });
  }

  #tellCa(listener: grpc.experimental.CaCertificateUpdateListener): void {
    // Null closes the door: without an authority nobody is let in, never everybody.
    const { clientCa } = this.#tls;
    listener(clientCa === undefined ? null : { caCertificate: Buffer.from(clientCa) });
  }
}
