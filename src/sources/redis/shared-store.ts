import { DependencyError } from '../../core/denial.ts';
import { within } from '../../lib/deadline.ts';
import type { OpenRedis, RedisAccess, RedisConnection } from './redis-connection.ts';

/** The memory that replicas share. One for all parts of a process that need it. */
export interface SharedStore {
  /** All keys and channels begin with it. */
  readonly prefix: string;
  /** Connects, and stays connected until `stop`. Resolves after the first attempt. Never rejects. */
  start(): Promise<void>;
  stop(): void;
  /**
   * Sends one command, and waits at most so many milliseconds for its answer. An answer that comes later is
   * dropped, but the command may have been done.
   * @param key the key of the command, with the prefix
   * @throws DependencyError `store_unavailable` if there is no answer, or if the answer is an error
   */
  send(key: string, command: readonly string[], patience: number): Promise<unknown>;
  /**
   * Listens to a channel until `stop`, also after connections that are lost. Messages are lost with them, so
   * who needs all must look at the store too.
   * @param channel with the prefix
   */
  subscribe(channel: string, onMessage: (message: string) => void): void;
  state(): StoreState;
}

export interface StoreState {
  /** Whether it ever answered. */
  readonly answered: boolean;
  /** Why it does not answer now. Undefined if it does. */
  readonly failure: string | undefined;
  /** When the present failures began, in milliseconds since the epoch. */
  readonly failingSince: number | undefined;
  /** Connections that were opened since the start. */
  readonly connections: number;
}

export interface SharedStoreOptions {
  /** Loads the client library. */
  readonly load: () => Promise<OpenRedis>;
  /** Reads the files of the settings. Called for each new connection. May reject. */
  readonly access: () => Promise<RedisAccess>;
  readonly prefix: string;
  readonly clock: () => number;
  /** Called when it begins to answer, and when it no longer does. */
  readonly report: (failure: string | undefined) => void;
  /** Called if the server forgets keys when its memory is full. */
  readonly onEvicts: (policy: string) => void;
}

/** Milliseconds between two looks at the connection. Each look writes a key, so it finds what a proof would. */
const interval = 1_000;
/** Milliseconds without a good answer until all connections are given up and opened again. */
const longestSilence = 5_000;
/** Characters of a failure that are kept. */
const mostText = 200;

export function createSharedStore(options: SharedStoreOptions): SharedStore {
  const { load, access, prefix, clock, report, onEvicts } = options;
  const listeners: Parameters<SharedStore['subscribe']>[] = [];
  let connection: RedisConnection | undefined;
  let lost: string | undefined;
  let failure: string | undefined = 'not connected yet';
  let failingSince: number | undefined = clock();
  let wasTried = false;
  let answered = false;
  let connections = 0;
  /** Of a clock that never steps. */
  let aliveAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  return { prefix, start, stop, send, subscribe, state };

  async function start(): Promise<void> {
    await open();
    await look();
  }

  function stop(): void {
    isStopped = true;
    clearTimeout(timer);
    close();
  }

  async function send(key: string, command: readonly string[], patience: number): Promise<unknown> {
    const used = connection;
    if (!used?.isReady) throw unavailable(lost ?? 'the connection is not open');
    try {
      return await within(used.send(key, command), patience, () => new Error('no answer in time'));
    } catch (error) {
      throw unavailable((error as Error).message);
    }
  }

  function subscribe(...listener: Parameters<SharedStore['subscribe']>): void {
    listeners.push(listener);
    if (connection?.isReady) listen(connection, listener);
  }

  function state(): StoreState {
    return { answered, failure, failingSince, connections };
  }

  /** Never rejects. What goes wrong is found by the next look. */
  async function open(): Promise<void> {
    close();
    aliveAt = performance.now();
    try {
      const openRedis = await load();
      const where = await access();
      if (isStopped) return;
      const opened = openRedis(where, (why, isNonsense) => {
        if (opened !== connection) return;
        lost = why;
        // The next look opens another one.
        if (isNonsense) close();
      });
      connection = opened;
      connections++;
      const ready = opened.connect().then(
        () => whenReady(opened),
        (error: Error) => {
          if (opened === connection) close();
          throw error;
        },
      );
      await within(ready, interval, () => new Error(lost ?? 'no connection in time'));
    } catch (error) {
      lost = (error as Error).message;
    }
  }

  function close(): void {
    connection?.destroy();
    connection = undefined;
  }

  function whenReady(opened: RedisConnection): void {
    if (opened !== connection) return;
    lost = undefined;
    for (const listener of listeners) listen(opened, listener);
    void readPolicy().catch(() => undefined);
  }

  /** Looks once a second, also while nobody needs it: so an outage is known before a check finds it. */
  async function look(): Promise<void> {
    try {
      await send(`${prefix}alive`, ['SET', `${prefix}alive`, '1', 'PX', '60000'], interval);
      aliveAt = performance.now();
      lost = undefined;
      answered = true;
      became(undefined);
    } catch (error) {
      became((error as Error).message);
      // The server may be gone without a word, or be no longer the one that its name leads to.
      const isUseless = connection === undefined || performance.now() - aliveAt > longestSilence;
      if (isUseless && !isStopped) await open();
    }
    if (!isStopped) timer = setTimeout(() => void look(), interval).unref();
  }

  function became(next: string | undefined): void {
    const isNews = !wasTried || (next === undefined) !== (failure === undefined);
    wasTried = true;
    failure = next;
    failingSince = next === undefined ? undefined : (failingSince ?? clock());
    if (isNews) report(next);
  }

  function listen(opened: RedisConnection, [channel, onMessage]: (typeof listeners)[number]): void {
    opened.subscribe(channel, onMessage).catch(() => undefined);
  }

  /** A user of Redis may not be permitted to ask. Then nothing is said about it. */
  async function readPolicy(): Promise<void> {
    const info = String(await send(`${prefix}alive`, ['INFO', 'memory'], interval));
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
    const isBounded = !/^maxmemory:0\s*$/m.test(info);
    if (policy !== undefined && policy !== 'noeviction' && isBounded) onEvicts(policy);
  }
}

function unavailable(why: string): DependencyError {
  return new DependencyError('store_unavailable', `the store: ${why.slice(0, mostText)}`, 1);
}
