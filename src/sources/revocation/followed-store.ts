import { mergeRevocations, nameOf, type Revocation } from '../../core/revocation/revocation.ts';
import type { Revocations } from '../../core/revocation/revocations.ts';
import type { RevocationSource } from './revocation-source.ts';
import type { RevocationChanges, SharedRevocations } from './shared-revocations.ts';

export interface FollowedStoreOptions {
  readonly store: Pick<SharedRevocations, 'add' | 'changesSince'>;
  readonly revocations: Revocations;
  readonly clock: () => number;
  /** Called after each attempt, for the log. */
  readonly report: (failure: string | undefined) => void;
  /** Called when revocations that the store had lost were written back. */
  readonly onRestored: (count: number) => void;
}

/** Milliseconds between two looks at the store. */
const interval = 1_000;
/** Milliseconds between two looks while changes are told all the time. */
const pause = 20;
/** Milliseconds until everything is compared again, in case that the store has lost something unnoticed. */
const wholeEvery = 300_000;
/** The same while some of it is left out, because there may be memory for it by now. */
const incompleteEvery = 10_000;

/**
 * Learns from a store: once a second, and at once when it is told that something has changed. A look asks for
 * the changes since the last one, page by page. After an outage, and every five minutes, it reads everything,
 * and writes back what the store has lost, as after a failover or without persistence. Without an answer, what
 * was learned stays in force, and what is known gets older.
 */
export function followStore(options: FollowedStoreOptions): RevocationSource {
  const { store, revocations, clock, report, onRestored } = options;
  let [epoch, version] = ['', '0'];
  let wholeAt = Number.NEGATIVE_INFINITY;
  let failure: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let again = false;
  let isStopped = true;
  return {
    start() {
      isStopped = false;
      return look();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
    look: () => void look(),
    state: () => ({ failure }),
  };

  /** A call during a look is for a change that this look may have missed. Never rejects. */
  function look(): Promise<void> {
    if (isStopped) return Promise.resolve();
    again = looking !== undefined;
    looking ??= attempt().finally(() => {
      looking = undefined;
      clearTimeout(timer);
      if (!isStopped) timer = setTimeout(look, again ? pause : interval).unref();
    });
    return looking;
  }

  async function attempt(): Promise<void> {
    try {
      // The absolute value: a clock that was put back must not delay it.
      const every = revocations.incomplete ? incompleteEvery : wholeEvery;
      if (Math.abs(clock() - wholeAt) >= every) epoch = '';
      await learn();
      failure = undefined;
    } catch (error) {
      failure = (error as Error).message;
      // The store may be another one when it answers again.
      epoch = '';
    }
    revocations.sweep(clock());
    report(failure);
  }

  async function learn(): Promise<void> {
    /** Names that the store holds, and what it has lost of them. Only while everything is read. */
    let whole: { readonly held: Set<string>; readonly lost: Revocation[] } | undefined;
    let isComplete = true;
    for (let isLast = false; !isLast; ) {
      const began = clock();
      const page = await store.changesSince(epoch, version);
      if (page.isWhole) whole = { held: new Set(), lost: [] };
      const now = clock();
      for (const change of page.changes)
        if (!(whole ? compare(change, whole, now) : take(change, now))) isComplete = false;
      [epoch, version, isLast] = [page.epoch, page.to, page.to === page.version];
      if (isLast && whole) await restore(whole);
      if (isLast) revocations.syncedAt = began;
    }
    if (whole) {
      wholeAt = clock();
      revocations.incomplete = !isComplete;
    }
  }

  /** The store knows better. @returns whether there was memory for it */
  function take({ entry, undone }: RevocationChanges['changes'][number], now: number): boolean {
    revocations.remove(entry);
    return undone || revocations.add(entry, now);
  }

  /** The store may have lost the later of two changes, so both count. */
  function compare(
    { entry, undone }: RevocationChanges['changes'][number],
    { held, lost }: { readonly held: Set<string>; readonly lost: Revocation[] },
    now: number,
  ): boolean {
    held.add(nameOf(entry));
    const known = undone ? undefined : revocations.get(entry);
    const merged = known && mergeRevocations(known, entry);
    if (merged && (merged.until !== entry.until || merged.issuedBefore !== entry.issuedBefore))
      lost.push(merged);
    return take({ entry: merged ?? entry, undone }, now);
  }

  async function restore({ held, lost }: { readonly held: Set<string>; readonly lost: Revocation[] }) {
    const now = clock();
    for (const known of revocations.all())
      if (known.until > now && !held.has(nameOf(known))) lost.push(known);
    if (lost.length === 0) return;
    await store.add(lost);
    onRestored(lost.length);
  }
}
