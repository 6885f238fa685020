import { readBounded } from '../../lib/read-bounded.ts';
import type { ReadLogin, RedisAccess, RedisNode } from './redis-connection.ts';

/** How a Redis is reached. Files are named. */
export interface RedisSettings extends Login, Pick<RedisAccess, 'address' | 'cluster' | 'database'> {
  readonly sentinel?: ({ readonly master: string; readonly nodes: readonly RedisNode[] } & Login) | undefined;
  readonly tls?: TlsFiles | undefined;
}

interface Login {
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
}

interface TlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly serverName?: string | undefined;
}

const mostBytes = 1_048_576;

/**
 * Reads the files of the settings. Passwords are read for each login, certificates each time that all
 * connections are opened again, so new ones need no restart.
 * @param resolve makes a path of a name in the configuration
 * @throws the error of the system, which names the path
 */
export function readAccess(settings: RedisSettings, resolve: (file: string) => string): RedisAccess {
  const { address, sentinel, cluster, database, tls } = settings;
  const read = (file: string | undefined) =>
    file === undefined ? undefined : readBounded(resolve(file), mostBytes);
  return {
    ...{ address, sentinel, cluster, database },
    login: loginOf(settings),
    sentinelLogin: sentinel && loginOf(sentinel),
    tls: tls && {
      ...(tls.caFile !== undefined && { ca: read(tls.caFile) }),
      ...(tls.certFile !== undefined && { cert: read(tls.certFile), key: read(tls.keyFile) }),
      ...(tls.serverName !== undefined && { servername: tls.serverName }),
    },
  };

  function loginOf({ user, passwordFile }: Login): ReadLogin | undefined {
    if (user === undefined && passwordFile === undefined) return undefined;
    return async () => ({
      ...(user !== undefined && { username: user }),
      ...(passwordFile !== undefined && { password: read(passwordFile)?.trim() ?? '' }),
    });
  }
}
