import { createClient, createCluster, createSentinel } from '@redis/client';
import type { OpenRedis, ReadLogin, RedisAccess, RedisConnection } from './redis-connection.ts';

/** Milliseconds. */
const connectTimeout = 2_000;
const longestPause = 1_000;
/** Commands of one connection that wait for an answer. More are refused. */
const mostWaiting = 10_000;
/** How often the sentinels are asked who is the master, beside what they say by themselves. */
const scanInterval = 1_000;

/**
 * Connects to Redis or Valkey. Only this file loads the client library, and only a configuration with `store`
 * loads this file. The library keeps no commands for later, and sends none a second time.
 */
export const openRedis: OpenRedis = (access, onLost) => {
  const onError = (error: unknown) => onLost(whyOf(error), isNonsense(error));
  if (access.cluster) return openCluster(access, onError);
  return access.sentinel ? openSentinel(access, onError) : openServer(access, onError);
};

type OnError = (error: unknown) => void;

function openServer(access: RedisAccess, onError: OnError): RedisConnection {
  const client = createClient({
    ...optionsOf(access),
    socket: { ...socketOf(access), ...access.address },
  }).on('error', onError);
  const listeners: { destroy(): void }[] = [];
  return {
    connect: async () => void (await client.connect()),
    get isReady() {
      return client.isReady;
    },
    send: (_key, command) => client.sendCommand([...command]),
    async subscribe(channel, onMessage) {
      const listener = client.duplicate().on('error', onError);
      listeners.push(listener);
      await listener.connect();
      await listener.subscribe(channel, onMessage);
    },
    destroy() {
      for (const one of [client, ...listeners]) one.destroy();
    },
  };
}

function openSentinel(access: RedisAccess, onError: OnError): RedisConnection {
  const { sentinel, sentinelLogin } = access;
  const client = createSentinel({
    name: sentinel?.master ?? '',
    sentinelRootNodes: [...(sentinel?.nodes ?? [])],
    nodeClientOptions: { ...optionsOf(access), socket: socketOf(access) },
    sentinelClientOptions: {
      ...optionsOf({ ...access, login: sentinelLogin, database: 0 }),
      socket: socketOf(access),
    },
    commandOptions,
    scanInterval,
    maxCommandRediscovers: 2,
    passthroughClientErrorEvents: true,
  }).on('error', onError);
  return {
    connect: async () => void (await client.connect()),
    get isReady() {
      return client.isReady;
    },
    send: (_key, command) => client.sendCommand(false, [...command]),
    subscribe: (channel, onMessage) => client.subscribe(channel, onMessage),
    destroy: () => void client.destroy().catch(() => undefined),
  };
}

function openCluster(access: RedisAccess, onError: OnError): RedisConnection {
  const options = { ...optionsOf({ ...access, database: 0 }), socket: socketOf(access) };
  const client = createCluster({
    rootNodes: (access.cluster ?? []).map((node) => ({
      ...options,
      socket: { ...options.socket, ...node },
    })),
    defaults: options,
    commandOptions,
    maxCommandRedirections: 3,
  })
    .on('error', onError)
    .on('node-error', onError);
  return {
    connect: async () => void (await client.connect()),
    get isReady() {
      return client.isReady;
    },
    send: (key, command) => client.sendCommand(key, false, [...command]),
    subscribe: (channel, onMessage) => client.subscribe(channel, onMessage),
    destroy: () => client.destroy(),
  };
}

/** 0: without a timer of its own for each command. Who sends it has one already. */
const commandOptions = { timeout: 0 };

function optionsOf({ login, database }: Pick<RedisAccess, 'login' | 'database'>) {
  return {
    database,
    commandOptions,
    commandsQueueMaxLength: mostWaiting,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled' as const,
    ...(login && { credentialsProvider: providerOf(login) }),
  };
}

function providerOf(login: ReadLogin) {
  return { type: 'async-credentials-provider' as const, credentials: async () => ({ ...(await login()) }) };
}

function socketOf({ tls }: Pick<RedisAccess, 'tls'>) {
  const common = {
    connectTimeout,
    reconnectStrategy: (retries: number) => Math.min(longestPause, 50 * 2 ** Math.min(retries, 10)),
  };
  return tls ? { ...common, ...tls, tls: true as const, rejectUnauthorized: true } : common;
}

/** Some errors have no text but hold others, one for each address of a name. */
function whyOf(error: unknown): string {
  const { errors, code, message } = error as Partial<AggregateError & NodeJS.ErrnoException>;
  const [first] = errors ?? [];
  if (first !== undefined) return whyOf(first);
  return message || code || String(error);
}

/**
 * Whether the library could not read an answer, or got one that it did not wait for. It goes on with the next
 * bytes of the same connection, and counts answers by their order.
 */
function isNonsense(error: unknown): boolean {
  const { cause, message } = error as Partial<Error>;
  if (cause !== undefined) return isNonsense(cause);
  return (
    error instanceof TypeError || error instanceof RangeError || /^Unknown RESP type/.test(message ?? '')
  );
}
