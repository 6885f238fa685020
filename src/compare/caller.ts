import { type JsonObject, recordOf } from '../lib/json.ts';
import { actClaim } from '../trial/claims.ts';
import type { TrialPeer } from '../trial/trial-peer.ts';
import type { ConditionValues } from './condition-values.ts';
import type { Probe } from './probes.ts';

/** Who sends a made-up request, and with what. */
export interface MadeCaller {
  readonly peer?: TrialPeer | undefined;
  readonly token?: CallerToken | undefined;
  /** The client of a token request without a token. */
  readonly client?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What a condition wants of the request itself. */
  readonly request?: Partial<Pick<Probe, 'method' | 'host' | 'path'>> | undefined;
}

export interface CallerToken {
  /** See `identityOf`. */
  readonly issuer: string;
  /** All of them: nothing is added. */
  readonly claims: JsonObject;
  readonly typ: string;
  /** It is sent with a proof of its key. */
  readonly dpop?: boolean | undefined;
  /** It is sent as the client assertion of this client. */
  readonly clientId?: string | undefined;
}

/** Sets a claim, or takes it away. */
export function withClaim(caller: MadeCaller, path: readonly string[], value: unknown): MadeCaller {
  const { token } = caller;
  return token ? { ...caller, token: { ...token, claims: setMember(token.claims, path, value) } } : caller;
}

export function setMember(
  object: JsonObject,
  [name = '', ...rest]: readonly string[],
  value: unknown,
): JsonObject {
  const member = rest.length > 0 ? setMember(recordOf(object[name]), rest, value) : value;
  const { [name]: _, ...others } = object;
  return member === undefined ? others : { ...others, [name]: member };
}

/** The claims that hold what a condition reads of `token`. */
const tokenClaims: Readonly<Record<string, string>> = {
  subject: 'sub',
  client_id: 'client_id',
  scopes: 'scope',
  audiences: 'aud',
};

/** Gives a condition these values to read. Those of the peer and of the ServiceAccount stay as they are. */
export function withValues(caller: MadeCaller, values: ConditionValues): MadeCaller {
  return values.reduce((one, [place, value]) => withFact(one, place, value), caller);
}

function withFact(caller: MadeCaller, [root, ...path]: readonly string[], value: unknown): MadeCaller {
  const [name = '', header = ''] = path;
  if (root === 'claims') return withClaim(caller, path, value);
  if (root === 'token') return withTokenField(caller, name, value);
  if (root !== 'request' || typeof value !== 'string') return caller;
  if (name === 'headers') return { ...caller, headers: { ...caller.headers, [header]: value } };
  if (!['method', 'host', 'path'].includes(name)) return caller;
  return { ...caller, request: { ...caller.request, [name]: value } };
}

function withTokenField(caller: MadeCaller, field: string, value: unknown): MadeCaller {
  const claim = tokenClaims[field];
  if (field === 'actor' || field === 'actors') {
    const names = [value].flat().filter((one) => typeof one === 'string' && one !== '') as string[];
    return withClaim(caller, ['act'], actClaim(names));
  }
  if (claim === undefined || value === undefined || caller.token === undefined) return caller;
  const { [claim]: held } = caller.token.claims;
  const texts = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
  // What the requirements of the rule need stays beside it.
  if (field === 'scopes') return withClaim(caller, [claim], [held ?? '', ...texts].join(' ').trim());
  if (field === 'audiences') return withClaim(caller, [claim], [held, ...texts].flat());
  return withClaim(caller, [claim], texts[0]);
}
