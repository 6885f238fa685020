import { visible } from '../lib/visible.ts';
import type { CallerToken, MadeCaller } from './caller.ts';
import type { ChangeKind, VerdictChange } from './finding.ts';
import type { Probe } from './probes.ts';
import type { Side } from './side.ts';
import type { SideVerdict } from './verdict.ts';

/** How each change is called, and its order in a report. */
export const titles: Readonly<Record<ChangeKind, string>> = {
  widens: 'Access widens',
  narrows: 'Access narrows',
  identity: 'The application receives other headers',
  rule: 'Another rule decides, and both allow',
};

/** One line about the request itself. */
export function describeRequest({
  probe,
  caller: { request },
}: Pick<VerdictChange, 'probe' | 'caller'>): string {
  const { method, host, path, destination, port, context = {}, protocol }: Probe = { ...probe, ...request };
  const pairs = Object.entries(context).map(([name, value]) => `${name}=${value}`);
  return [
    protocol === 'tcp' ? 'a connection' : `${method} ${host}${path}`,
    ...(destination === undefined ? [] : [`to ${destination}`]),
    ...(port === undefined ? [] : [`on port ${port}`]),
    ...(pairs.length > 0 ? [`with the context ${pairs.join(', ')}`] : []),
  ]
    .map(visible)
    .join(' ');
}

/** Lines about who sends it, and with what. No token is shown, only what it would hold. */
export function describeCaller(
  { peer, token, client, headers = {} }: MadeCaller,
  sides: readonly [Side, Side],
): string[] {
  const sender = [
    peer ? (peer.spiffeId ?? 'a certificate without a SPIFFE ID') : 'without a certificate',
    ...(peer?.via === undefined ? [] : [`through the gateway ${peer.via}`]),
    ...(peer?.source === undefined ? [] : [`presented as ${peer.source}`]),
    ...(peer?.certificate === undefined ? [] : ['with another certificate than before']),
  ];
  return [
    `sender: ${sender.join(', ')}`,
    `token: ${token ? describeToken(token, sides) : 'none'}`,
    ...(client === undefined
      ? []
      : [`client: ${client || 'not named'}, in a token request without an assertion`]),
    ...Object.entries(headers).map(([name, value]) => `header: ${name}: ${value}`),
  ].map(visible);
}

/** Members of a token that say nothing here. */
const plain = ['iss', 'iat', 'jti', 'kubernetes.io', 'cnf'];

function describeToken(
  { issuer, claims, typ, clientId, dpop }: CallerToken,
  sides: readonly [Side, Side],
): string {
  const names = new Set(sides.flatMap(({ issuers }) => issuers.get(issuer)?.issuer.name ?? []));
  const { exp, cnf, iat, ...others } = claims;
  const left = Number(exp) - Number(iat);
  return [
    `of ${[...names].join(' or ')}`,
    ...(clientId === undefined ? [] : [`as the client assertion of ${clientId}`]),
    ...(cnf === undefined ? [] : [`bound to ${dpop ? 'a key of' : 'the certificate of'} the sender`]),
    ...(typ === 'JWT' ? [] : [`typ ${typ}`]),
    ...(exp === undefined ? ['without exp'] : left < 0 ? [`expired ${-left} seconds ago`] : []),
    ...(others.aud === undefined ? ['without aud'] : []),
    ...Object.entries(others)
      .filter(([name]) => !plain.includes(name))
      .map(([name, value]) => `${name} ${JSON.stringify(value)}`),
  ].join(', ');
}

const longestDetail = 300;

export function describeVerdict({ effect, rule, reason, detail }: SideVerdict): string {
  const by = rule === undefined ? '' : ` by the rule ${rule}`;
  if (effect === 'allow') return `allowed${by}${reason === 'allowed' ? '' : ` (${reason})`}`;
  if (effect === 'answer') return `answered by Peerproof: ${reason}`;
  const why = detail ? ` (${visible(detail.slice(0, longestDetail))})` : '';
  return `${effect === 'deny' ? 'denied' : 'unavailable'}${by}: ${reason}${why}`;
}

/** Headers that differ, one line each. */
export function describeHeaders([before, after]: readonly [SideVerdict, SideVerdict]): string[] {
  const [one = {}, other = {}] = [before.identity, after.identity];
  const shown = (value = '(as the sender wrote it)') => visible(value);
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((name) => one[name] !== other[name])
    .map((name) => `${name}: ${shown(one[name])}, then ${shown(other[name])}`);
}
