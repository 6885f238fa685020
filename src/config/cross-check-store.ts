import { isRecord, type JsonObject, listOf, recordOf } from '../lib/json.ts';
import { isLoopback } from '../lib/loopback.ts';
import type { Warn } from './weakness.ts';

interface Tell {
  readonly say: (path: readonly PropertyKey[], message: string) => void;
  /** Names a file that must be read. */
  readonly want: (path: readonly PropertyKey[], file: unknown) => void;
  readonly warn: Warn;
}

const places = ['address', 'sentinel', 'cluster'];

/** Checks the settings of the store against each other. The document may have any shape. */
export function crossCheckStore(root: JsonObject, { say, want, warn }: Tell): void {
  if (root.store === undefined) return;
  const store = recordOf(root.store);
  const path = ['store', 'redis'];
  if (store.onOutage === 'allowReplays')
    warn(
      'insecure-setting',
      ['store', 'onOutage'],
      'while the store does not answer, a recorded proof is accepted once more by every process',
    );
  if (!isRecord(store.redis)) return;
  const { redis } = store;
  const [first, second] = places.filter((place) => redis[place] !== undefined);
  if (first === undefined) say(path, 'needs address, sentinel or cluster, such as address: 127.0.0.1:6379');
  if (second !== undefined) say([...path, second], `cannot be combined with ${first}: keep one of them`);
  if (redis.cluster !== undefined && redis.database !== undefined && redis.database !== 0)
    say([...path, 'database'], 'must be 0: a cluster has no other');
  checkLogin(redis, path);
  if (isRecord(redis.sentinel)) checkLogin(redis.sentinel, [...path, 'sentinel']);
  checkTls(redis);

  function checkLogin({ user, passwordFile }: JsonObject, at: readonly string[]): void {
    if (user !== undefined && passwordFile === undefined)
      say([...at, 'passwordFile'], 'is missing: a user needs a password');
    want([...at, 'passwordFile'], passwordFile);
  }

  function checkTls({ tls, allowInsecurePlaintext, address, sentinel, cluster }: JsonObject): void {
    if (tls !== undefined) {
      const { certFile, keyFile, ...others } = recordOf(tls);
      if ((certFile === undefined) !== (keyFile === undefined))
        say([...path, 'tls'], 'needs both certFile and keyFile, or neither');
      for (const [key, file] of Object.entries({ caFile: others.caFile, certFile, keyFile }))
        want([...path, 'tls', key], file);
      if (allowInsecurePlaintext === true)
        say([...path, 'allowInsecurePlaintext'], 'cannot be combined with tls: remove one of them');
      return;
    }
    if (allowInsecurePlaintext === true) {
      warn(
        'insecure-setting',
        [...path, 'allowInsecurePlaintext'],
        'everyone on the network can read the password of the store, and answer for it',
      );
      return;
    }
    const nodes = [address, ...listOf(recordOf(sentinel).nodes), ...listOf(cluster)];
    const far = nodes.find((node) => typeof node === 'string' && !isLoopback(node.replace(/:\d+$/, '')));
    if (far !== undefined)
      say(
        [...path, 'tls'],
        'is missing: only this machine may be reached without TLS, or any with allowInsecurePlaintext: true',
      );
  }
}
