import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ClientTls } from './client.ts';

export interface TcpExchange {
  port: number;
  tls?: ClientTls;
  send: string;
  /** 30 s by default. */
  deadlineMs?: number;
}

export interface TcpAnswer {
  received: string;
  /** True when the other side closed before all expected bytes had come. */
  closedByPeer: boolean;
}

const DEADLINE_MS = 30_000;

function open(options: TcpExchange): Socket {
  const address = { host: '127.0.0.1', port: options.port };
  const { tls } = options;
  if (!tls) return connectTcp(address);
  return connectTls({
    ...address,
    ca: tls.caPem,
    ...(tls.certPem && tls.keyPem ? { cert: tls.certPem, key: tls.keyPem } : {}),
    servername: 'localhost',
    checkServerIdentity: () => undefined,
  });
}

/** Sends bytes and reads until as many came back or the other side closed. A reset counts as closed. */
export function tcpExchange(options: TcpExchange): Promise<TcpAnswer> {
  const expected = Buffer.byteLength(options.send);
  return new Promise((resolve, reject) => {
    const socket = open(options);
    let received = Buffer.alloc(0);
    let connected = false;
    const finish = (closedByPeer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ received: received.toString('utf8'), closedByPeer });
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('neither bytes nor a close in time'));
    }, options.deadlineMs ?? DEADLINE_MS);
    socket.once(options.tls ? 'secureConnect' : 'connect', () => {
      connected = true;
      socket.write(options.send);
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= expected) finish(false);
    });
    socket.once('end', () => finish(true));
    socket.once('error', (error) => {
      clearTimeout(timer);
      // Before the handshake was done it is no answer of the authorizer but a failed connection.
      if (connected) finish(true);
      else reject(error);
    });
  });
}
