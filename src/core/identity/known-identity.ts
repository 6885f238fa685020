import type { Cache } from '../../lib/cache.ts';
import type { Findings } from '../findings.ts';
import { isFresh, type MintedToken, type MintRequest, mint } from '../internal-token/mint.ts';
import type { VerifiedPeer } from '../peer/verify-peer.ts';
import {
  type Identity,
  type IdentityFacts,
  type IdentityPolicy,
  identityHeaders,
  oddSpellings,
} from './identity.ts';

/** The identity of an earlier allow, and what it was made from. */
export interface KnownIdentity {
  readonly proven: IdentityFacts;
  readonly identity: Identity;
  /** The token in it. Undefined if it has none. */
  readonly minted?: MintedToken | undefined;
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
  if (known && isSame(known.proven, found) && isStill(known, asked, policy)) return known.identity;
  const minted = tokenOf(found, asked, policy);
  const identity = { ...identityHeaders(found, sent, policy, odd, minted?.text), isKept: true };
  // The path is the caller's, and nothing counts its bytes.
  const { path: _, ...proven } = found;
  cache.set(key, { proven, identity, minted });
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

/** How each fact is compared. Without its row a new fact does not compile: it may change the answer. */
const facts: {
  readonly [Fact in keyof IdentityFacts]-?: (one: IdentityFacts, other: IdentityFacts) => boolean;
} = {
  rule: (one, other) => one.rule === other.rule,
  token: (one, other) => one.token === other.token,
  client: (one, other) => one.client === other.client,
  // It is read from the token.
  person: () => true,
  // It follows from the token: one that has a `cnf.jkt` comes with DPoP, and no other does.
  scheme: () => true,
  boundBy: (one, other) => one.boundBy === other.boundBy,
  transaction: (one, other) => one.transaction === other.transaction,
  sender: (one, other) => one.sender === other.sender,
  peer: (one, other) => one.peer === other.peer || isSamePeer(one.peer, other.peer),
};
const factList = Object.values(facts);

/** The validity of the certificate is left out: the application does not get it. */
type PeerFact = Exclude<keyof VerifiedPeer, 'validFrom'>;
const peerFacts: { readonly [Fact in PeerFact]-?: (peer: VerifiedPeer) => string | undefined } = {
  source: ({ source }) => source,
  spiffeId: ({ spiffeId }) => spiffeId?.uri,
  thumbprint: ({ thumbprint }) => thumbprint,
  via: ({ via }) => via?.uri,
  forwarded: ({ forwarded }) => forwarded,
};
const peerFactList = Object.values(peerFacts);

function isSame(one: IdentityFacts, other: IdentityFacts): boolean {
  return factList.every((same) => same(one, other));
}

function isSamePeer(one: VerifiedPeer | undefined, other: VerifiedPeer | undefined): boolean {
  return one !== undefined && other !== undefined && peerFactList.every((read) => read(one) === read(other));
}
