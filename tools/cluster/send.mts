/**
 * Runs in a pod that asks. Reads requests from standard input, sends each on a connection of its own, exactly as it is
 * written, and prints what came back. With `CERTIFICATES` it uses the certificate that the sidecar wrote there, and speaks to
 * the sidecar of the application itself: no proxy on this side changes a request. Needs Node and nothing else.
 */
import { readFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** `address` is `host:port`. `id` becomes `x-request-id`, so that the log of Peerproof names the request. */
interface Order {
  readonly address: string;
  readonly requests: readonly {
    readonly id: string;
    readonly method: string;
    readonly path: string;
    readonly headers: readonly (readonly [string, string])[];
  }[];
}

type SentRequest = Order['requests'][number];

const WITHIN_MS = 10_000;
const folder = process.env.CERTIFICATES;
const { address, requests } = JSON.parse(readFileSync(0, 'utf8')) as Order;
const answers: unknown[] = [];
for (const request of requests) {
  const answer = await send(request).catch((error: Error) => ({ status: 0, error: error.message }));
  answers.push({ id: request.id, ...answer });
}
process.stdout.write(JSON.stringify(answers));

/** The status, and the headers that the application saw, if it was reached. */
async function send({ id, method, path, headers }: SentRequest) {
  const socket = open();
  socket.setTimeout(WITHIN_MS, () => socket.destroy(new Error(`no answer within ${WITHIN_MS} ms`)));
  const lines = [...headers, ['x-request-id', id], ['connection', 'close'], ['content-length', '0']];
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`${method} ${path} HTTP/1.1\r\n${text}\r\n`, 'latin1');
  let answer = '';
  for await (const chunk of socket) answer += (chunk as Buffer).toString('latin1');
  const [head = ''] = answer.split('\r\n\r\n', 1);
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(head) ?? [];
  if (status === undefined) throw new Error('the connection was closed without an answer');
  const [, seen] = /^x-seen: (\S+)/im.exec(head) ?? [];
  return {
    status: Number(status),
    seen: seen && JSON.parse(Buffer.from(seen, 'base64url').toString('utf8')),
  };
}

function open(): Socket {
  const [host = '', port] = address.split(':');
  if (!folder) return connectPlain(Number(port), host);
  const read = (name: string) => readFileSync(`${folder}/${name}`);
  return connectTls({
    ...{ host, port: Number(port), cert: read('cert-chain.pem'), key: read('key.pem') },
    // Istio's certificates have no DNS name. By these protocols a sidecar knows mTLS of the mesh.
    rejectUnauthorized: false,
    ALPNProtocols: ['istio-http/1.1', 'http/1.1'],
  });
}
