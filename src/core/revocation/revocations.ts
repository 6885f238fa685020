import { quoted } from '../../lib/excerpt.ts';
import { formatTime } from '../../lib/time.ts';
import { Denial, DependencyError } from '../denial.ts';
import { longestCheck } from '../longest-check.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import { clientOfActor, readActors } from '../token/actors.ts';
import type { VerifiedToken } from '../token/verified-token.ts';
import {
  mergeAll,
  mergeRevocations,
  type Revocation,
  type RevocationKind,
  type RevocationName,
  revocationKinds,
  weightOfRevocation,
} from './revocation.ts';

/** What becomes of checks while the store cannot be read. `useKnown`: they go on with what is known. */
export const outageChoices = ['refuse', 'useKnown'] as const;

export interface RevocationLimits {
  /** Bytes of memory for all entries. */
  readonly memory: number;
  /** Milliseconds since the store was read last, until `onOutage` applies. */
  readonly maxStaleness: number;
  readonly onOutage: (typeof outageChoices)[number];
}

/** Seconds. */
const retryAfter = 1;
/** Entries that one `sweep` looks at. */
const sweepAtOnce = 2_000;

/**
 * The revocations that this process knows, and how fresh they are. Belongs to the process, so a reload keeps
 * them. What was learned holds until it expires, also during an outage of its store.
 */
export class Revocations {
  readonly #limits: () => RevocationLimits;
  /** By kind and value. A value has at most one entry for each issuer, and one for all issuers. */
  readonly #entries = Object.fromEntries(
    revocationKinds.map((kind) => [kind, new Map<string, readonly Revocation[]>()]),
  ) as Record<RevocationKind, Map<string, readonly Revocation[]>>;
  #sweeping: Iterator<Revocation> | undefined;
  count = 0;
  bytes = 0;
  /** Whether an entry was left out, because there was no memory for it. */
  incomplete = false;
  /** When the store was read last, in milliseconds since the epoch. */
  syncedAt: number | undefined;

  constructor(limits: () => RevocationLimits) {
    this.#limits = limits;
  }

  /**
   * Whether a token that may be used otherwise is revoked. Takes one look a kind, whatever the number of
   * entries. Of the actors of a token only the current one counts (RFC 8693 §4.1).
   * @param clientId the client that a token request names
   * @param workload the subject of the workload identity token beside it
   * @throws DependencyError if what is known is too old or incomplete, and the configuration says `refuse`
   */
  find(
    token: VerifiedToken,
    peer: VerifiedPeer | undefined,
    clientId: string | undefined,
    now: number,
    workload?: string,
  ): Denial | undefined {
    this.#checkFresh(now);
    if (this.count === 0) return undefined;
    const { claims, subject } = token;
    const actor = (claims.act as { readonly sub?: unknown } | null | undefined)?.sub;
    return (
      this.#look('jti', claims.jti, token, now) ??
      this.#look('subject', subject, token, now) ??
      this.#look('subject', actor, token, now) ??
      this.#look('client', claims.client_id, token, now) ??
      this.#look('client', claims.azp, token, now) ??
      this.#look('client', clientId, token, now) ??
      this.#look('client', this.#entries.client.size > 0 && clientThatActs(token), token, now) ??
      this.#look('session', claims.sid, token, now) ??
      this.#look('spiffeId', peer?.spiffeId?.uri, token, now) ??
      this.#look('spiffeId', workload, token, now) ??
      this.#look('spiffeId', subject, token, now) ??
      this.#look('spiffeId', actor, token, now) ??
      this.#look('spiffeId', this.#entries.spiffeId.size > 0 && workloadOf(token), token, now) ??
      this.#look('all', '', token, now)
    );
  }

  /**
   * Whether a client is revoked that authenticates with its certificate, and so without a token. The certificate
   * counts as issued when its validity begins. If only the name of the peer is known, it may be older than any
   * time.
   * @throws DependencyError as `find` does
   */
  findClient(clientId: string, peer: VerifiedPeer | undefined, now: number): Denial | undefined {
    this.#checkFresh(now);
    if (this.count === 0) return undefined;
    const { validFrom } = peer ?? {};
    const shown = { issuer: undefined, claims: validFrom === undefined ? {} : { iat: validFrom / 1000 } };
    return (
      this.#look('client', clientId, shown, now) ?? this.#look('spiffeId', peer?.spiffeId?.uri, shown, now)
    );
  }

  /** @returns whether there was memory for it. If not, `incomplete` is set: a check must not miss an entry. */
  add(entry: Revocation, now: number): boolean {
    if (entry.until <= now) return true;
    const known = this.get(entry);
    const merged = known ? mergeRevocations(known, entry) : entry;
    const more = weightOfRevocation(merged) - (known ? weightOfRevocation(known) : 0);
    if (this.bytes + more > this.#limits().memory) {
      this.incomplete = true;
      return false;
    }
    this.#put(known, merged);
    return true;
  }

  get({ kind, value, issuer }: RevocationName): Revocation | undefined {
    return this.#entries[kind].get(value)?.find((entry) => entry.issuer === issuer);
  }

  /** Forgets an entry. @returns whether it was known */
  remove(name: RevocationName): boolean {
    const known = this.get(name);
    if (known) this.#put(known, undefined);
    return known !== undefined;
  }

  /** Forgets everything that is not in the list, and adds what is. @returns whether there was memory for all */
  replace(list: readonly Revocation[], now: number): boolean {
    // What is known may hold for longer than the list says now.
    for (const known of this.all()) this.remove(known);
    this.incomplete = false;
    for (const entry of mergeAll(list, now).values()) this.add(entry, now);
    return !this.incomplete;
  }

  /** Every entry, also those that have expired since the last sweep. It may be changed meanwhile. */
  *all(): Generator<Revocation> {
    for (const kind of revocationKinds) for (const list of this.#entries[kind].values()) yield* list;
  }

  /** Forgets some of the entries that have expired. Called again and again, it comes to each of them. */
  sweep(now: number): void {
    this.#sweeping ??= this.all();
    for (let looked = 0; looked < sweepAtOnce; looked++) {
      const { value, done } = this.#sweeping.next();
      if (done) {
        this.#sweeping = undefined;
        return;
      }
      if (value.until <= now) this.remove(value);
    }
  }

  #look(kind: RevocationKind, value: unknown, token: Issued, now: number): Denial | undefined {
    const entries = this.#entries[kind];
    if (entries.size === 0) return undefined;
    // A sloppy issuer numbers its tokens.
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string') return undefined;
    const found = entries.get(text);
    if (!found) return undefined;
    for (const entry of found)
      if (covers(entry, token, now)) return new Denial('token_revoked', describe(entry));
    return undefined;
  }

  #checkFresh(now: number): void {
    const { maxStaleness, onOutage } = this.#limits();
    if (onOutage === 'useKnown') return;
    const { syncedAt } = this;
    if (syncedAt === undefined)
      throw new DependencyError('store_unavailable', 'the revocations were never read', retryAfter);
    // After a clock that was put back, an outage would not be noticed. A check that waited began before the last look.
    if (now - syncedAt > maxStaleness || syncedAt - now > Math.max(maxStaleness, longestCheck))
      throw new DependencyError(
        'store_unavailable',
        `the revocations were last read ${formatTime(syncedAt)}: revocation.maxStaleness`,
        retryAfter,
      );
    if (this.incomplete)
      throw new DependencyError(
        'store_unavailable',
        'the store holds more revocations than revocation.memory has place for',
        retryAfter,
      );
  }

  #put(known: Revocation | undefined, next: Revocation | undefined): void {
    const one = known ?? next;
    if (!one) return;
    const others = (this.#entries[one.kind].get(one.value) ?? []).filter((entry) => entry !== known);
    const list = next ? [...others, next] : others;
    if (list.length > 0) this.#entries[one.kind].set(one.value, list);
    else this.#entries[one.kind].delete(one.value);
    this.count += (next ? 1 : 0) - (known ? 1 : 0);
    this.bytes += (next ? weightOfRevocation(next) : 0) - (known ? weightOfRevocation(known) : 0);
  }
}

/** What a revocation looks at: a token, or a certificate that stands for one. */
interface Issued {
  readonly issuer: string | undefined;
  readonly claims: { readonly iat?: unknown };
}

/** A token without `iat` may be older than any time, so it counts as revoked. */
function covers(
  { issuer, issuedBefore, until }: Revocation,
  { issuer: from, claims }: Issued,
  now: number,
): boolean {
  if (now >= until || (issuer !== undefined && issuer !== from)) return false;
  const { iat } = claims;
  return issuedBefore === undefined || typeof iat !== 'number' || iat * 1000 < issuedBefore;
}

/** The client that the current actor is, and that may send the token therefore (see the proof `workload`). */
function clientThatActs(token: VerifiedToken): string | undefined {
  const actors = readActors(token);
  const [current] = actors instanceof Denial ? [] : actors;
  return current && clientOfActor(current, token);
}

/** The SPIFFE ID of a ServiceAccount. */
function workloadOf({ serviceAccount, trustDomain }: VerifiedToken): string | undefined {
  if (!serviceAccount || trustDomain === undefined) return undefined;
  return `spiffe://${trustDomain}/ns/${serviceAccount.namespace}/sa/${serviceAccount.name}`;
}

/** Characters of a value in the log. */
const mostShown = 120;

function describe({ kind, value, issuedBefore, by }: Revocation): string {
  const what = kind === 'all' ? 'every token' : `${kind} ${quoted(value, mostShown)}`;
  const before = issuedBefore === undefined ? '' : ` if issued before ${formatTime(issuedBefore)}`;
  return `${what} is revoked${before}, by ${quoted(by, mostShown)}`;
}
