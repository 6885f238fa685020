import { generateKeyPairSync, hash, sign } from 'node:crypto';
import type { WitSettings } from '../core/binding/wit-settings.ts';
import { type ProofCarrier, wit, wpt, wptDrafts } from '../core/token/wit-carriers.ts';
import type { JsonObject } from '../lib/json.ts';

/** Seconds. */
const lifetime = 60;

const holder = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** The key of every made-up workload, as its token holds it. */
export const holderConfirmation: JsonObject = {
  jwk: { ...holder.publicKey.export({ format: 'jwk' }), alg: 'ES256' },
};

/**
 * The headers of a workload identity token with a good proof, where the first accepted draft has it. The
 * proof is for the target of the request if its host has an origin, else for a name of the service, if
 * there is one.
 * @param now milliseconds since the epoch
 */
export function presentWorkloadToken(
  token: string,
  { host, path }: { readonly host: string; readonly path: string },
  { origins, audiences, drafts }: WitSettings,
  now: number,
): Readonly<Record<string, string>> {
  const origin = origins.get(host.toLowerCase());
  const [name] = audiences;
  const proof = signProof({
    aud: origin === undefined && name !== undefined ? name : `${origin ?? `https://${host}`}${path}`,
    exp: Math.floor(now / 1000) + lifetime,
    jti: 'trial',
    [wpt.claims.identityToken]: hash('sha256', token, 'base64url'),
  });
  const { header, scheme }: ProofCarrier = wptDrafts[drafts[0] ?? 'wpt-02'];
  return { [wit.header]: token, [header]: scheme === undefined ? proof : `${scheme.toUpperCase()} ${proof}` };
}

function signProof(claims: JsonObject): string {
  const encode = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'ES256', typ: wpt.type })}.${encode(claims)}`;
  const key = { key: holder.privateKey, dsaEncoding: 'ieee-p1363' as const };
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}
