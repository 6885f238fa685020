import { isDeepStrictEqual } from 'node:util';
import type { PeerSource } from '../core/peer/verify-peer.ts';
import type { Rule } from '../core/policy/rule.ts';
import { acceptsIssuer } from '../core/token/issuers.ts';
import { certificateOf, type TrialPeer } from '../trial/trial-peer.ts';
import { actorVariants } from './actors.ts';
import { type MadeCaller, withClaim } from './caller.ts';
import { addressesOf } from './callers.ts';
import { instancesOf } from './overlap.ts';
import type { Side } from './side.ts';
import type { Space } from './space.ts';

/**
 * Callers that differ from the given one in one thing: each other value that a rule accepts, each thing left
 * out, and what a setting of either side may accept.
 * @param rules the rules of both sides that decide, as far as there are any
 */
export function* variantsOf(
  caller: MadeCaller,
  rules: readonly Rule[],
  sides: readonly [Side, Side],
  space: Space,
  now: number,
): Generator<MadeCaller> {
  yield* senderVariants(caller, rules, sides, space, now);
  if (!caller.token) return;
  yield* claimVariants(caller, rules, sides);
  yield* actorVariants(caller, rules, space);
  yield* issuerVariants(caller, rules, sides, now);
  yield { ...caller, token: undefined };
}

function* claimVariants(
  caller: MadeCaller,
  rules: readonly Rule[],
  sides: readonly [Side, Side],
): Generator<MadeCaller> {
  for (const { path, values } of rules.flatMap(({ claims }) => claims)) {
    for (const value of values) yield withClaim(caller, path, value);
    yield withClaim(caller, path, undefined);
  }
  const { scope = '', cnf, client_id: clientId } = caller.token?.claims ?? {};
  const scopes = String(scope).split(' ');
  if (scope !== '')
    for (const one of scopes)
      yield withClaim(caller, ['scope'], scopes.filter((other) => other !== one).join(' ') || undefined);
  for (const one of rules.flatMap((rule) => rule.scopes))
    if (!scopes.includes(one)) yield withClaim(caller, ['scope'], [...scopes, one].join(' ').trim());
  if (cnf !== undefined) yield withClaim(caller, ['cnf'], undefined);
  if (clientId !== undefined) yield withClaim(caller, ['client_id'], undefined);
  const addresses = rules.flatMap(({ allowLists }) => [
    ...(allowLists?.emails ?? []),
    ...addressesOf(allowLists?.emailDomains ?? []),
  ]);
  if (addresses.length === 0) return;
  for (const { trial } of sides) {
    const { email } = trial.policy.identity.person.claims;
    for (const address of new Set(addresses)) {
      const verified = withClaim(withClaim(caller, email, address), ['email_verified'], true);
      yield verified;
      for (const value of [undefined, false]) yield withClaim(verified, ['email_verified'], value);
    }
    yield withClaim(caller, email, undefined);
    // The preset oauth2-proxy takes the subject for an address.
    for (const address of addresses) yield withClaim(withClaim(caller, email, undefined), ['sub'], address);
  }
}

/** What the settings of an issuer decide. Only tried where they differ, because all rules share them. */
function* issuerVariants(
  caller: MadeCaller,
  rules: readonly Rule[],
  sides: readonly [Side, Side],
  now: number,
): Generator<MadeCaller> {
  const { token } = caller;
  const [before, after] = sides.map(({ issuers }) => issuers.get(token?.issuer ?? '')?.issuer);
  if (!token || !before || !after) return;
  const plain = ({ keys: _1, authority: _2, algorithms: _3, name: _4, ...rest }: typeof before) => rest;
  const isAsked = (one: typeof before) => [one.keys !== undefined, one.authority !== undefined];
  if (
    isDeepStrictEqual(plain(before), plain(after)) &&
    isDeepStrictEqual(isAsked(before), isAsked(after)) &&
    rules.every(({ issuers }) => acceptsIssuer(issuers, before.name))
  )
    return;
  for (const audience of new Set([...before.audiences, ...after.audiences]))
    yield withClaim(caller, ['aud'], audience);
  yield withClaim(caller, ['aud'], undefined);
  yield withClaim(caller, ['exp'], undefined);
  const skew = Math.max(before.clockSkew, after.clockSkew);
  const seconds = Math.floor(now / 1000);
  const late = Math.floor(skew / 1000) - 1;
  if (before.clockSkew !== after.clockSkew && late > 0) {
    yield withClaim(caller, ['exp'], seconds - late);
    yield withClaim(caller, ['nbf'], seconds + late);
  }
  for (const typ of ['JWT', 'at+jwt']) yield { ...caller, token: { ...token, typ } };
  const full = {
    jti: 'trial',
    client_id: token.claims.client_id ?? 'someone',
    sub: token.claims.sub ?? 'someone',
  };
  yield { ...caller, token: { ...token, typ: 'at+jwt', claims: { ...token.claims, ...full } } };
}

function* senderVariants(
  caller: MadeCaller,
  rules: readonly Rule[],
  sides: readonly [Side, Side],
  { fresh, longestId }: Space,
  now: number,
): Generator<MadeCaller> {
  const { peer } = caller;
  const [before, after] = sides.map(({ config }) => config.peers);
  yield { ...caller, peer: undefined };
  if (!peer) return;
  // A rule without a proof refuses a token that is bound, even to its sender.
  if (caller.token?.claims.cnf === undefined) yield withClaim(caller, ['cnf'], confirmationOf(peer, now));
  for (const domain of new Set(sides.flatMap(({ trustDomains }) => trustDomains)))
    yield { ...caller, peer: { spiffeId: `spiffe://${domain}/ns/${fresh}/sa/${fresh}` } };
  for (const { trustDomain, path } of rules.flatMap((rule) => rule.peers))
    for (const instance of instancesOf(path, fresh, longestId).slice(0, 4))
      yield { ...caller, peer: { spiffeId: ['spiffe:/', trustDomain, ...instance].join('/') } };
  yield { ...caller, peer: { ...peer, certificate: 'another' } };
  // A side that does not look at a sender does not refuse one that the other side refuses.
  const foreign = { spiffeId: `spiffe://${fresh}/ns/${fresh}/sa/${fresh}` };
  const stranger = withPeer(caller, foreign, now);
  yield stranger;
  const gateways = [before, after].map((one) => one?.gateways.map(({ text }) => text) ?? []);
  for (const one of [
    { ...caller, peer },
    { ...stranger, peer: foreign },
  ]) {
    if (!isDeepStrictEqual(before?.from, after?.from))
      for (const source of new Set<PeerSource>([...(before?.from ?? []), ...(after?.from ?? [])]))
        yield { ...one, peer: { ...one.peer, source } };
    if (isDeepStrictEqual(gateways[0], gateways[1])) continue;
    for (const { trustDomain, path } of [before, after].flatMap((policy) => policy?.gateways ?? []))
      for (const instance of instancesOf(path, fresh, longestId).slice(0, 2))
        yield { ...one, peer: { ...one.peer, via: ['spiffe:/', trustDomain, ...instance].join('/') } };
  }
}

/** The same token from another sender. A token that was bound to the sender is bound to the other one. */
function withPeer(caller: MadeCaller, peer: TrialPeer, now: number): MadeCaller {
  const other = { ...caller, peer };
  if (caller.token?.claims.cnf === undefined) return other;
  return withClaim(other, ['cnf'], confirmationOf(peer, now));
}

function confirmationOf(peer: TrialPeer, now: number) {
  return { 'x5t#S256': certificateOf(peer, now).thumbprint };
}
