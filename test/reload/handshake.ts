import { connect } from 'node:tls';
import type { Issued } from '../support/ca.ts';

/** The issuer of the server's certificate, or why there was none. */
export function handshake(port: number, client?: Issued): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      ...(client && { cert: client.certPem, key: client.keyPem }),
    });
    socket.setTimeout(30_000, () => socket.destroy(new Error('timeout')));
    // In TLS 1.3 a client learns only by the next bytes that its certificate was refused.
    socket.once('secureConnect', () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'));
    socket.once('data', () => {
      resolve(String(socket.getPeerCertificate().issuer?.O));
      socket.destroy();
    });
    socket.once('error', () => resolve('refused'));
    socket.once('close', () => resolve('refused'));
  });
}
