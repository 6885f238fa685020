/** A floor: node:http answers every request at once. Prints its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((_, response) => response.writeHead(200, { 'content-length': '0' }).end());
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
