import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema.ts';
import type { Side } from './side.ts';

/**
 * Changes that can let more requests in, and that no trial can judge: who has the keys of an issuer, which
 * authorities sign certificates, and how a door reads what a proxy sends. One plain sentence for each.
 */
export function unjudgedChanges([before, after]: readonly [Side, Side]): readonly string[] {
  return [
    ...issuerChanges(before, after),
    ...trustDomainChanges(before.config, after.config),
    ...settingChanges(before.config, after.config),
  ];
}

function issuerChanges(before: Side, after: Side): readonly string[] {
  const said: string[] = [];
  for (const [identity, { issuer }] of after.issuers) {
    const known = before.issuers.get(identity)?.issuer;
    const own = after.config.issuers[issuer.name];
    const former = known && before.config.issuers[known.name];
    if (!known || !former || !own) continue;
    const place = `issuers.${issuer.name}`;
    const added = own.algorithms.filter((one) => !former.algorithms.includes(one));
    if (added.length > 0) said.push(`${place}.algorithms: tokens with ${added.join(', ')} are accepted now`);
    for (const key of [
      'jwks',
      'jwksUri',
      'keys',
      'bundleEndpoint',
      'ca',
      'kubernetes',
      'introspection',
    ] as const)
      if (!isDeepStrictEqual(former[key], own[key]))
        said.push(`${place}.${key} is different: it decides who can make tokens of this issuer`);
    if (own.allowInsecureHttp && !former.allowInsecureHttp)
      said.push(`${place}.allowInsecureHttp: connections to this issuer may use plain http now`);
  }
  return said;
}

function trustDomainChanges(before: Config, after: Config): readonly string[] {
  const said: string[] = [];
  for (const [name, own] of Object.entries(after.peers.trustDomains ?? {})) {
    const former = before.peers.trustDomains?.[name];
    if (former === undefined || isDeepStrictEqual(former, own)) continue;
    const place = `peers.trustDomains.${name}`;
    const bundle = [own?.bundle, own?.bundleEndpoint, own?.ca];
    const formerBundle = [former?.bundle, former?.bundleEndpoint, former?.ca];
    if (formerBundle.some((one) => one !== undefined) && !isDeepStrictEqual(bundle, formerBundle))
      said.push(`${place} has another bundle: it decides which certificates are accepted`);
  }
  return said;
}

/** Each with what it decides. */
const settings: Readonly<Record<string, readonly [read: (config: Config) => unknown, decides: string]>> = {
  'peers.waypoints': [
    ({ peers }) => peers.waypoints.map(({ text }) => text).sort(),
    'who may name the destination',
  ],
  dpop: [({ dpop }) => dpop, 'which proofs of a key are accepted'],
  wit: [({ wit }) => wit, 'which proofs of workload identity tokens are accepted'],
  'http.xfcc': [({ http }) => http.xfcc, 'who may name the sender over HTTP'],
  'http.spiffeId': [({ http }) => http.spiffeId, 'which elements of x-forwarded-client-cert are refused'],
  'http.pathPrefix': [({ http }) => http.pathPrefix, 'how paths are read over HTTP'],
  'http.forwardAuth': [({ http }) => http.forwardAuth, 'who may name the original request'],
  'grpc.tls.clientCaFile': [({ grpc }) => grpc.tls?.clientCaFile, 'who may ask over gRPC'],
  'http.tls.clientCaFile': [({ http }) => http.tls?.clientCaFile, 'who may ask over HTTP'],
};

function settingChanges(before: Config, after: Config): readonly string[] {
  const said = Object.entries(settings)
    .filter(([, [read]]) => !isDeepStrictEqual(read(before), read(after)))
    .map(([name, [, decides]]) => `${name} is different: it decides ${decides}`);
  const [one, other] = [before.peers.from, after.peers.from];
  const inBoth = one.filter((source) => other.includes(source));
  if (
    !isDeepStrictEqual(
      inBoth,
      other.filter((source) => one.includes(source)),
    )
  )
    said.push('peers.from has another order: it decides between two sources that name different senders');
  if (after.peers.clockSkew > before.peers.clockSkew)
    said.push('peers.clockSkew is larger: certificates are accepted for longer');
  if (after.limits.tokenLength > before.limits.tokenLength)
    said.push('limits.tokenLength is larger: longer tokens are accepted');
  return said;
}
