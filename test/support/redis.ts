import { join } from 'node:path';
import { createClient } from '@redis/client';
import { startAllOrNothing } from './all-or-nothing.ts';
import { type PrivateServer, startPrivateServer } from './private-server.ts';
import type { RunningProcess } from './processes.ts';
import { waitFor } from './wait.ts';

/** A Redis of this test's own, which keeps nothing on the disk. */
export interface Redis {
  readonly port: number;
  /** Where other parts of its cluster reach it. */
  readonly busPort?: number | undefined;
  readonly pid: number;
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** Sends one command as an administrator would, over a connection of its own. */
  command(...args: string[]): Promise<unknown>;
  /** SIGSTOP: it accepts connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  logs(): string;
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** More lines of its configuration. */
  readonly config?: readonly string[];
  /** PEM. With them it speaks TLS alone. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly password?: string;
  /** It is to be a part of a cluster. */
  readonly cluster?: boolean;
}

const serverIsReady = (_folder: string, child: RunningProcess) =>
  child.stdout().includes('Ready to accept connections');

/** Starts it on a free port, and waits until it serves. Ask `programTest('redis-server')` first. */
export async function startRedis({ config = [], tls, password, cluster }: RedisOptions = {}): Promise<Redis> {
  const server = await startPrivateServer(
    {
      name: 'redis-server',
      configFile: 'redis.conf',
      around: (text) => text,
      args: (folder) => [join(folder, 'redis.conf')],
      ready: serverIsReady,
    },
    {
      listeners: cluster ? ['redis', 'bus'] : ['redis'],
      config: (port) =>
        [
          'bind 127.0.0.1',
          // Its own choice, 10,000 above the other, may be taken, or be no port.
          ...(cluster ? ['cluster-enabled yes', `cluster-port ${port('bus')}`] : []),
          tls ? `port 0\ntls-port ${port('redis')}` : `port ${port('redis')}`,
          ...(tls
            ? [
                'tls-ca-cert-file ca.pem',
                'tls-cert-file cert.pem',
                'tls-key-file key.pem',
                'tls-auth-clients no',
              ]
            : []),
          ...(password === undefined ? [] : [`requirepass ${password}`]),
          'save ""',
          'appendonly no',
          'repl-diskless-sync-delay 0',
          ...config,
        ].join('\n'),
      files: tls ? { 'ca.pem': tls.ca, 'cert.pem': tls.cert, 'key.pem': tls.key } : {},
    },
  );
  const port = server.port('redis');
  return {
    port,
    busPort: cluster ? server.port('bus') : undefined,
    ...controlsOf(server),
    async command(...args) {
      const client = createClient({
        socket: {
          ...{ host: '127.0.0.1', port, reconnectStrategy: false as const },
          ...(tls && { tls: true as const, ca: tls.ca }),
        },
        ...(password !== undefined && { password }),
      });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return await client.sendCommand(args);
      } finally {
        client.destroy();
      }
    },
  };
}

function controlsOf(server: PrivateServer) {
  return {
    pid: server.pid,
    address: `127.0.0.1:${server.port('redis')}`,
    freeze: () => void process.kill(server.pid, 'SIGSTOP'),
    thaw: () => void process.kill(server.pid, 'SIGCONT'),
    logs: server.logs,
    async stop() {
      // A process that is frozen does not see that it shall end.
      try {
        process.kill(server.pid, 'SIGCONT');
      } catch {}
      await server.stop();
    },
  };
}

/** A Redis Sentinel that watches one master under the name `main`, and decides alone. */
export async function startSentinel(master: Redis): Promise<Omit<Redis, 'command'>> {
  const server = await startPrivateServer(
    {
      name: 'redis-server',
      configFile: 'sentinel.conf',
      around: (text) => text,
      args: (folder) => [join(folder, 'sentinel.conf'), '--sentinel'],
      ready: (_folder, child) => child.stdout().includes('+monitor master main'),
    },
    {
      listeners: ['redis'],
      config: (port) =>
        [
          'bind 127.0.0.1',
          `port ${port('redis')}`,
          `sentinel monitor main 127.0.0.1 ${master.port} 1`,
          'sentinel down-after-milliseconds main 500',
          'sentinel failover-timeout main 2000',
        ].join('\n'),
    },
  );
  return { port: server.port('redis'), ...controlsOf(server) };
}

/** A replica of a running Redis. */
export function startReplica(master: Redis): Promise<Redis> {
  return startRedis({ config: [`replicaof 127.0.0.1 ${master.port}`] });
}

/** Whether it leads. A Redis ends all its connections when it becomes a master, so one question may get no answer. */
export async function isMaster(redis: Redis): Promise<boolean> {
  const role = await redis.command('ROLE').catch(() => undefined);
  return Array.isArray(role) && role[0] === 'master';
}

/** Three masters that share the slots. If one does not start, or they do not find each other, all are stopped. */
export function startCluster() {
  return startAllOrNothing(async (cleanups) => {
    const start = async () => {
      const config = ['cluster-node-timeout 2000', 'cluster-config-file nodes.conf'];
      const node = await startRedis({ config, cluster: true });
      cleanups.push(node.stop);
      return node;
    };
    const nodes = [await start(), await start(), await start()] as const;
    await joinCluster(nodes);
    return { nodes };
  });
}

async function joinCluster(nodes: readonly Redis[]): Promise<void> {
  const slots = 16_384;
  for (const [index, node] of nodes.entries()) {
    const [from, to] = [index, index + 1].map((n) => Math.floor((n * slots) / nodes.length));
    await node.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? 1) - 1));
  }
  const [first, ...others] = nodes;
  for (const { port, busPort } of others)
    await first?.command('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPort));
  await waitFor('the cluster', 20_000, async () => {
    const states = await Promise.all(nodes.map((node) => node.command('CLUSTER', 'INFO')));
    return states.every((state) => String(state).includes('cluster_state:ok'));
  });
}
