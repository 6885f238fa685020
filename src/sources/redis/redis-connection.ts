/** Where a Redis is, and how to log in. The files were read already. */
export interface RedisAccess {
  readonly address?: RedisNode | undefined;
  readonly sentinel?: { readonly master: string; readonly nodes: readonly RedisNode[] } | undefined;
  readonly cluster?: readonly RedisNode[] | undefined;
  readonly database: number;
  readonly tls?: RedisTls | undefined;
  /** Called for each new connection. Undefined: without a login. */
  readonly login?: ReadLogin | undefined;
  /** The same for the sentinels. */
  readonly sentinelLogin?: ReadLogin | undefined;
}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** PEM, and the name that the certificate of the server must have. */
export interface RedisTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
}

export type ReadLogin = () => Promise<{ readonly username?: string; readonly password?: string }>;

/** One logical connection: to one server, to the master that sentinels name, or to all masters of a cluster. */
export interface RedisConnection {
  /** Resolves when it can be used. It may reject, or never end. */
  connect(): Promise<void>;
  readonly isReady: boolean;
  /**
   * Sends one command, in one write with others of the same turn. Nothing is sent while it is not ready.
   * @param key the key of the command, which decides about the node of a cluster
   */
  send(key: string, command: readonly string[]): Promise<unknown>;
  /**
   * Listens on a connection of its own, which is opened again by itself. Messages of the time between are
   * lost. Resolves when it listens for the first time.
   */
  subscribe(channel: string, onMessage: (message: string) => void): Promise<void>;
  /** Closes everything at once. Commands under way reject. */
  destroy(): void;
}

/**
 * @param onLost called with each failure of a connection. The text holds no secrets. `isNonsense`: the server said
 * something that is no answer, so a later answer may be taken for that of another command. Do not use it again
 */
export type OpenRedis = (
  access: RedisAccess,
  onLost: (why: string, isNonsense: boolean) => void,
) => RedisConnection;
