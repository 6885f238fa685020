import { existsSync } from 'node:fs';
import test from 'ava';
import { openPorts, type Ports } from '../../src/config/open-ports.ts';

const everywhere = { host: '0.0.0.0', port: 9001 };
const here = { host: '127.0.0.1', port: 9003 };
const names = (ports: Ports) => openPorts(ports).map((line) => line.split(' ')[0]);
const tls = { certFile: 'a' };

for (const host of ['127.0.0.1', '127.8.0.1', 'localhost', '::1'])
  test(`open ports – ${host} is reached from this machine alone`, (t) => {
    const address = { host, port: 1 };
    t.deepEqual(
      openPorts({ listen: { grpc: address, http: address, admin: address }, grpc: {}, http: {} }),
      [],
    );
  });

for (const host of ['0.0.0.0', '::', '10.0.0.7', '127.0.0.1.example.com', 'peerproof', '::ffff:127.0.0.1'])
  test(`open ports – ${host} is said, for each port`, (t) => {
    const address = { host, port: 1 };
    t.deepEqual(names({ listen: { grpc: address, http: address, admin: address }, grpc: {}, http: {} }), [
      'listen.grpc',
      'listen.http',
      'listen.admin',
    ]);
  });

test('open ports – client certificates close a door, TLS alone does not', (t) => {
  const listen = { grpc: everywhere, http: everywhere, admin: here };
  t.deepEqual(names({ listen, grpc: { tls: { ...tls, clientCaFile: 'c' } }, http: { tls } }), [
    'listen.http',
  ]);
  t.regex(openPorts({ listen, grpc: { tls }, http: {} })[0] ?? '', /TLS without client certificates/);
});

test('open ports – the files that it names are there', (t) => {
  const lines = openPorts({
    listen: { grpc: everywhere, http: everywhere, admin: everywhere },
    grpc: {},
    http: {},
  });
  const more = openPorts({ listen: { grpc: everywhere, admin: everywhere }, grpc: {} });
  const files = [...lines, ...more].flatMap((line) => line.match(/kustomize\/[\w/.-]+/g) ?? []);
  t.is(new Set(files).size, 4);
  for (const file of files) t.true(existsSync(new URL(`../../${file}`, import.meta.url)), file);
});
