import {
  mergeInto,
  nameOf,
  type Revocation,
  type RevocationName,
  sinceEpoch,
  weightOfRevocation,
} from '../../core/revocation/revocation.ts';
import { checkRevocation } from '../../core/revocation/written.ts';
import { parseJson, recordOf } from '../../lib/json.ts';
import { Malformed } from '../../lib/malformed.ts';
import { randomId } from '../../lib/uuid.ts';
import { type RevocationStore, StoreFull } from './revocation-store.ts';
import * as scripts from './scripts.ts';

/** What is needed of a connection to Redis. */
export interface RevocationRedis {
  readonly prefix: string;
  /** Rejects with an Error that is safe to log, if there is no answer within so many milliseconds. */
  send(key: string, command: readonly string[], patience: number): Promise<unknown>;
}

/** What has changed in the store since a version. */
export interface RevocationChanges {
  /** Another one after the data of the store was lost. */
  readonly epoch: string;
  /** The last version, and the one with which this page ends. */
  readonly version: string;
  readonly to: string;
  /** Whether it begins from the start, because the caller knows nothing or something else. */
  readonly isWhole: boolean;
  readonly changes: readonly { readonly entry: Revocation; readonly undone: boolean }[];
}

/** Revocations that several processes share. */
export interface SharedRevocations extends RevocationStore {
  /** One page. @throws Error that is safe to log */
  changesSince(epoch: string, version: string): Promise<RevocationChanges>;
}

/** Entries of one page, and of one call that adds. */
const pageSize = 500;
/** Milliseconds for one page. */
const patience = 1_000;

/** Revocations in Redis. @param memory the most weight of all, in bytes of heap of a process that knows them */
export function shareRevocations(redis: RevocationRedis, memory: () => number): SharedRevocations {
  const keys = scripts.keysOf(redis.prefix);
  const channel = scripts.channelOf(redis.prefix);
  const run = (script: string, names: readonly string[], args: readonly string[]) =>
    redis.send(names[0] ?? '', ['EVAL', script, String(names.length), ...names, ...args], patience);
  return {
    async add(entries) {
      const merged = new Map<string, Revocation>();
      for (const entry of entries) mergeInto(merged, entry);
      const args = [...merged].flatMap(([name, entry]) => [name, ...written(entry)]);
      for (let at = 0; at < args.length; at += 5 * pageSize) await addPage(args.slice(at, at + 5 * pageSize));
    },
    async undo(names) {
      const byId = new Map(names.map((name) => [nameOf(name), name]));
      const undone = await run(scripts.undo, keys, [channel, ...byId.keys()]);
      return texts(undone).flatMap((id): RevocationName[] => {
        const name = byId.get(id);
        return name ? [name] : [];
      });
    },
    async list() {
      const found = new Map<string, Revocation>();
      for (let [epoch, version, isLast] = ['', '0', false]; !isLast; ) {
        const page = await changesSince(epoch, version);
        for (const { entry, undone } of page.changes) {
          if (undone) found.delete(nameOf(entry));
          else found.set(nameOf(entry), entry);
        }
        [epoch, version, isLast] = [page.epoch, page.to, page.to === page.version];
      }
      return [...found.values()];
    },
    changesSince,
  };

  async function addPage(entries: readonly string[]): Promise<void> {
    const args = [String(memory()), randomId(), channel, ...entries];
    const added = await run(scripts.add, keys, args);
    if (added === -1) throw new StoreFull('the revocations fill revocation.memory, so none was added');
    if (typeof added !== 'number') throw new Error('Redis gave an answer that is not understood');
  }

  async function changesSince(since: string, known: string): Promise<RevocationChanges> {
    const args = [since, known, String(pageSize)];
    const found = texts(await run(scripts.changesSince, keys.slice(0, 3), args));
    const [epoch = '', version = '', from, to = '', ...entries] = found;
    if (epoch === 'evicted')
      throw new Error(
        `Redis has evicted a part of the revocations: set maxmemory-policy noeviction and delete ${keys.join(' ')}, then each replica writes back what it knows`,
      );
    return { epoch, version, to, isWhole: from === '0', changes: entries.map(readChange) };
  }
}

/** The arguments of the script, but for the id. */
function written(entry: Revocation): readonly string[] {
  const { kind, value, issuer, by, until, issuedBefore } = entry;
  const before = issuedBefore === undefined ? '-' : String(sinceEpoch(issuedBefore));
  const rest = JSON.stringify({ kind, value, issuer, by });
  return [String(sinceEpoch(until)), before, String(weightOfRevocation(entry)), rest];
}

/** @throws Error if somebody else has written it: what is not understood could be a revocation */
function readChange(text: string): RevocationChanges['changes'][number] {
  const [, until, before, flag, rest = ''] = /^(\d{1,16}) (\d{1,16}|-) ([+-]) \d+ (.*)$/s.exec(text) ?? [];
  const entry = checkRevocation(
    recordOf(parseJson(rest)),
    before === '-' ? undefined : Number(before),
    Number(until),
  );
  if (until === undefined || entry instanceof Malformed)
    throw new Error('Redis holds a revocation that cannot be read');
  return { entry, undone: flag === '-' };
}

function texts(answer: unknown): readonly string[] {
  if (!Array.isArray(answer) || !answer.every((one) => typeof one === 'string'))
    throw new Error('Redis gave an answer that is not understood');
  return answer;
}
