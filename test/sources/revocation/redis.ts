import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import type { RevocationRedis } from '../../../src/sources/revocation/shared-revocations.ts';

/** A Redis of its own on a socket, without any port. */
export async function startRedis(path: string, more: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-redis-'));
  const socket = join(folder, 'redis.sock');
  const args = ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder, ...more];
  const server = spawn(path, args, { stdio: 'ignore' });
  const client = createClient({
    socket: { path: socket, reconnectStrategy: () => 20 },
    disableOfflineQueue: true,
  }).on('error', () => undefined);
  await client.connect();
  const redis: RevocationRedis = {
    prefix: 'test:',
    send: (_key, command) => client.sendCommand([...command]),
  };
  return {
    redis,
    client,
    socket,
    async stop() {
      client.destroy();
      server.kill();
      await once(server, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}
