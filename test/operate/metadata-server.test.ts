import { connect } from 'node:net';
import test from 'ava';
import { startMetadataServer } from '../../src/operate/metadata-server.ts';
import { createCheckWorld } from '../support/check-world.ts';
import { createSigner } from '../support/jwt-signer.ts';

const signer = createSigner('ES256');

const world = await createCheckWorld({
  issuers: {
    corp: { issuer: 'https://corp.example.com', audiences: ['a'], jwks: { keys: [signer.publicJwk] } },
  },
  rules: [{ name: 'all' }],
  resourceMetadata: [{ resource: 'https://mcp.example.com/tools' }],
});
let { resources } = world.policy;
const server = await startMetadataServer({ host: '127.0.0.1', port: 0 }, () => resources);
test.after.always(async () => {
  world.stop();
  await server.close(0);
});

const path = '/.well-known/oauth-protected-resource/tools';

/** Sends the bytes, and reads until the connection ends. */
function say(head: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(server.port, '127.0.0.1', () => socket.write(head));
  let answer = '';
  socket.setEncoding('latin1').on('data', (piece) => {
    answer += piece;
  });
  socket.once('end', () => resolve(answer)).once('error', reject);
  return promise;
}
const ask = (line: string, host = 'mcp.example.com', more = '') =>
  say(`${line} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n${more}\r\n`);

test.serial('metadata port – GET and HEAD get the document', async (t) => {
  const answer = await ask(`GET ${path}`);
  t.regex(answer, /^HTTP\/1\.1 200 OK\r\n/);
  t.regex(answer, /\r\ncontent-type: application\/json\r\n/i);
  t.is(JSON.parse(answer.split('\r\n\r\n')[1] ?? '').resource, 'https://mcp.example.com/tools');
  const head = await ask(`HEAD ${path}`);
  t.regex(head, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n$/s);
});

const others: Readonly<Record<string, readonly [line: string, host?: string]>> = {
  'another host': [`GET ${path}`, 'evil.example.com'],
  'another path': ['GET /'],
  'another method': [`POST ${path}`],
  'a query': [`GET ${path}?a`],
  'a second slash': [`GET /${path}`],
  'a dot segment': [`GET ${path}/../tools`],
  'an absolute URL': [`GET http://mcp.example.com${path}`],
};
for (const [what, [line, host]] of Object.entries(others))
  test.serial(`metadata port – ${what} is not found`, async (t) => {
    t.regex(await ask(line, host), /^HTTP\/1\.1 404 Not Found\r\n/);
  });

test.serial('metadata port – a request without a host, and one with two, are refused', async (t) => {
  t.regex(await say(`GET ${path} HTTP/1.1\r\nconnection: close\r\n\r\n`), /^HTTP\/1\.1 400 /);
  const two = await ask(`GET ${path}`, 'evil.example.com', 'host: mcp.example.com\r\n');
  t.notRegex(two, /^HTTP\/1\.1 200 /);
});

test.serial('metadata port – a head that is too long is refused, and a body is not read', async (t) => {
  t.regex(await ask(`GET ${path}`, undefined, `x: ${'a'.repeat(20_000)}\r\n`), /^HTTP\/1\.1 431 /);
  const answer = await say(
    `GET ${path} HTTP/1.1\r\nhost: mcp.example.com\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  t.regex(answer, /^HTTP\/1\.1 200 OK\r\n.*connection: close\r\n/is);
});

test.serial('metadata port – a reload applies at once', async (t) => {
  resources = undefined;
  t.regex(await ask(`GET ${path}`), /^HTTP\/1\.1 404 /);
  resources = world.policy.resources;
});

test('metadata port – one who does not end its head is sent away after seconds', async (t) => {
  const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
  socket.resume().write(`GET ${path} HTTP/1.1\r\nhost: x\r\n`);
  const drip = setInterval(() => socket.write('x: y\r\n'), 500);
  const began = performance.now();
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(drip);
  t.true(performance.now() - began < 20_000);
});
