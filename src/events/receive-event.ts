import { revocationsOfEvent } from '../core/revocation/revocations-of-event.ts';
import { EventRefusal, type Transmitter } from '../core/revocation/transmitter.ts';
import { verifyEvent } from '../core/revocation/verify-event.ts';
import type { RevocationStore } from '../sources/revocation/revocation-store.ts';
import { idOfEvent, type SeenEvents } from './seen-events.ts';

/** What became of a security event token. */
export const eventResults = ['revoked', 'understood', 'ignored', 'replayed', 'refused', 'failed'] as const;
export type EventResult = (typeof eventResults)[number];

export interface ReceiverOptions {
  readonly store: RevocationStore;
  readonly seen: SeenEvents;
  readonly clock: () => number;
  /** Called for each token. `why`: only of one that was refused or could not be kept. */
  readonly ended: (transmitter: string, result: EventResult, why: string | undefined) => void;
  /** Called when revocations were written. */
  readonly onRevoked: () => void;
}

/**
 * Acts on one token of a transmitter. Returns undefined if it is acknowledged, also if it means nothing here or came
 * before: the transmitter would send it again and again.
 * @throws Error that is safe to log, if it could not be kept. The transmitter has to send it again
 */
export type ReceiveEvent = (text: string, transmitter: Transmitter) => Promise<EventRefusal | undefined>;

/** Milliseconds to fetch a key that is not known. */
const patience = 5_000;

export function createReceiver({ store, seen, clock, ended, onRevoked }: ReceiverOptions): ReceiveEvent {
  return async (text, transmitter) => {
    const { name } = transmitter;
    try {
      const result = await act(text, transmitter);
      if (result instanceof EventRefusal) ended(name, 'refused', `${result.error}: ${result.why}`);
      else ended(name, result, undefined);
      return result instanceof EventRefusal ? result : undefined;
    } catch (error) {
      ended(name, 'failed', (error as Error).message);
      throw error;
    }
  };

  async function act(text: string, transmitter: Transmitter): Promise<EventResult | EventRefusal> {
    const now = clock();
    const event = await verifyEvent(text, transmitter, { now, deadline: now + patience });
    if (event instanceof EventRefusal) return event;
    const meaning = revocationsOfEvent(event, transmitter, now);
    if (meaning instanceof EventRefusal) return meaning;
    const { revocations, understood } = meaning;
    if (revocations.length === 0) return understood > 0 ? 'understood' : 'ignored';
    const id = idOfEvent(transmitter.issuer.iss ?? '', event.jti);
    if (await seen.has(id)) return 'replayed';
    await store.add(revocations);
    // Afterwards: a token that was remembered and not acted on would be lost. Twice is as good as once.
    await seen.add(id, transmitter.maxAge + 2 * transmitter.issuer.clockSkew);
    onRevoked();
    return 'revoked';
  }
}
