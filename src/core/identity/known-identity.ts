import type { Cache } from '../../lib/cache.ts';
import { serialOf } from '../../lib/serial.ts';
import { weightOf } from '../../lib/weight.ts';
import type { Findings } from '../findings.ts';
import { isFresh, type MintedToken, type MintRequest, mint } from '../internal-token/mint.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import { actorNames } from '../token/actors.ts';
import {
  type Identity,
  type IdentityFacts,
  type IdentityPolicy,
  identityHeaders,
  oddSpellings,
} from './identity.ts';
import { decisionMetadata } from './metadata.ts';

/** The identity of an earlier allow, and what it was made from. */
export interface KnownIdentity {
  /** What it was made from, in the order of `facts`. */
  readonly madeFrom: readonly unknown[];
  readonly identity: Identity;
  /** The token in it. Undefined if it has none. */
  readonly minted?: MintedToken | undefined;
  /** Bytes of heap for what the answers and log lines beside it say of its token, at most. */
  readonly told: number;
}

interface Known {
  readonly identity: IdentityPolicy;
  readonly identityCache: Cache<KnownIdentity>;
}

/**
 * The identity headers of an allowed request, see `identityHeaders`. The same object as at an earlier allow
 * with the same token, rule and peer, so that the doors can keep the bytes of their answers beside it.
 * Whether a request is allowed is **not** kept: that is decided at each check.
 * @param asked set if an internal token is asked for; then the identity also depends on the destination
 */
export function identityOf(
  found: Findings,
  sent: Readonly<Record<string, string>>,
  { identity: policy, identityCache: cache }: Known,
  asked?: MintRequest,
): Identity {
  const odd = oddSpellings(sent, policy);
  const key = odd.length > 0 ? undefined : keyOf(found, asked);
  if (key === undefined) {
    const { transaction } = found;
    const token = transaction ?? tokenOf(found, asked, policy);
    return identityHeaders(found, sent, policy, odd, token?.text);
  }
  const known = cache.get(key);
  if (known && isMadeFrom(known, found) && isStill(known, asked, policy)) return known.identity;
  const minted = tokenOf(found, asked, policy);
  const identity = { ...identityHeaders(found, sent, policy, odd, minted?.text), isKept: true };
  const madeFrom = factList.map((read) => read(found));
  cache.set(key, { madeFrom, identity, minted, told: toldBy(found, identity) });
  return identity;
}

/** No digest holds a space. A token without a digest is another object at its next check. */
function keyOf({ token, rule, transaction }: Findings, asked: MintRequest | undefined): string | undefined {
  if (transaction) return undefined;
  if (!asked || !token) return token ? token.digest : rule && `rule ${rule.name}`;
  return token.digest && `${token.digest} ${asked.destination ?? ''}`;
}

function tokenOf(
  found: IdentityFacts,
  asked: MintRequest | undefined,
  { internalToken }: IdentityPolicy,
): MintedToken | undefined {
  return asked && internalToken?.mint && mint(found, asked, internalToken.mint);
}

/** The same facts give no token again where they gave none. */
function isStill(
  { minted }: KnownIdentity,
  asked: MintRequest | undefined,
  { internalToken }: IdentityPolicy,
): boolean {
  return !minted || !asked || !internalToken?.mint || isFresh(minted, asked.now, internalToken.mint);
}

/** What is kept of each fact, and compared. Without its row a new fact does not compile: it may change the answer. */
const facts: {
  readonly [Fact in Exclude<keyof IdentityFacts, 'peer'>]-?: (found: IdentityFacts) => unknown;
} = {
  rule: ({ rule }) => rule,
  // The cache of tokens may drop a token before this entry goes. Nothing would count it then.
  token: ({ token }) => token && serialOf(token),
  client: ({ client }) => client,
  // It is read from the token.
  person: () => undefined,
  // It follows from the token: one that has a `cnf.jkt` comes with DPoP, and no other does.
  scheme: () => undefined,
  boundBy: ({ boundBy }) => boundBy,
  transaction: ({ transaction }) => transaction,
  sender: ({ sender }) => sender && serialOf(sender),
};

/** The validity of the certificate is left out: the application does not get it. */
type PeerFact = Exclude<keyof VerifiedPeer, 'validFrom'>;
const peerFacts: { readonly [Fact in PeerFact]-?: (found: IdentityFacts) => string | undefined } = {
  source: ({ peer }) => peer?.source,
  spiffeId: ({ peer }) => peer?.spiffeId?.uri,
  thumbprint: ({ peer }) => peer?.thumbprint,
  via: ({ peer }) => peer?.via?.uri,
  forwarded: ({ peer }) => peer?.forwarded,
};
const factList = [...Object.values(facts), ...Object.values(peerFacts)];

function isMadeFrom({ madeFrom }: KnownIdentity, found: IdentityFacts): boolean {
  return factList.every((read, at) => read(found) === madeFrom[at]);
}

/** A text weighs two bytes for each character: it takes one in an answer, and one in a log line. */
function toldBy(found: Findings, identity: Identity): number {
  const { token } = found;
  const metadata = decisionMetadata({ id: '', effect: 'allow', reason: 'allowed', identity, found });
  return weightOf(Object.values(metadata)) + weightOf(token && actorNames(token));
}
