import type { Revocation } from '../../src/core/revocation/revocation.ts';
import type { Transmitter } from '../../src/core/revocation/transmitter.ts';
import { algorithmNames } from '../../src/core/token/algorithms.ts';
import { parseJwks } from '../../src/core/token/keys.ts';
import { createReceiver, type EventResult, type ReceiverOptions } from '../../src/events/receive-event.ts';
import { seenHere } from '../../src/events/seen-events.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { FixedKeys } from '../../src/sources/local-keys.ts';
import { NOW } from '../support/check-world.ts';
import { type Claims, createSigner } from '../support/jwt-signer.ts';
import { NOW_SECONDS } from '../support/token-fixture.ts';

export const IDP = 'https://idp.example.com';
export const AUDIENCE = 'https://peerproof.example.com';
export const caep = 'https://schemas.openid.net/secevent/caep/event-type/';
export const signer = createSigner('ES256');
/** A key of nobody. */
export const stranger = createSigner('ES256', { kid: signer.kid });
export const userOf = (sub: string, iss = IDP) => ({ format: 'iss_sub', iss, sub });

const keys = parseJwks({ keys: [signer.publicJwk] });
if (keys instanceof Malformed) throw new TypeError(keys.why);

/** Speaks for the issuer `login`, which has its own `iss`. */
export const transmitter: Transmitter = {
  name: 'idp',
  issuer: {
    ...{ name: 'idp', iss: IDP, audiences: [AUDIENCE], profile: 'any', clockSkew: 30_000 },
    ...{ algorithms: new Set(algorithmNames), authority: undefined, trustDomain: undefined },
    ...{ keys: new FixedKeys(keys, NOW), allowInsecureNoAudience: false, allowInsecureNoExpiry: false },
  },
  maxAge: 3_600_000,
  speaksFor: new Map([[IDP, 'login']]),
  keep: 86_400_000,
};

/** The claims of a good token: the sessions of alice ended ten seconds ago. */
export function eventClaims(more: Claims = {}): Claims {
  return {
    ...{ iss: IDP, aud: AUDIENCE, iat: NOW_SECONDS - 5, jti: 'event-1', sub_id: userOf('alice') },
    events: { [`${caep}session-revoked`]: { event_timestamp: NOW_SECONDS - 10 } },
    ...more,
  };
}

export function eventToken(more: Claims = {}, header: Claims = {}, by = signer): string {
  return by.sign(eventClaims(more), { typ: 'secevent+jwt', ...header });
}

/** A receiver whose store is a list. */
export function createWorld(more: Partial<ReceiverOptions> = {}) {
  const added: Revocation[] = [];
  const results: EventResult[] = [];
  const store = {
    add: async (entries: readonly Revocation[]) => void added.push(...entries),
    undo: async () => [],
    list: async () => added,
  };
  const receive = createReceiver({
    ...{ store, seen: seenHere(), clock: () => NOW, onRevoked: () => undefined },
    ended: (_, result) => results.push(result),
    ...more,
  });
  return { added, results, receive, ask: (text: string) => receive(text, transmitter) };
}
