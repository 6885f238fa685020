import { hash } from 'node:crypto';
import test from 'ava';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { Denial } from '../../../src/core/denial.ts';
import { acceptToken } from '../../../src/core/token/accept-token.ts';
import { credentials } from '../../../src/core/token/credential.ts';
import { type Issuer, Issuers } from '../../../src/core/token/issuers.ts';
import { parseJws } from '../../../src/core/token/jws.ts';
import { parseJwks } from '../../../src/core/token/keys.ts';
import { verifyToken } from '../../../src/core/token/verify-token.ts';
import { Cache } from '../../../src/lib/cache.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { FixedKeys } from '../../../src/sources/local-keys.ts';
import { NOW } from '../../support/check-world.ts';
import { type Claims, createSigner } from '../../support/jwt-signer.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { goodClaims, ISSUER, NOW_SECONDS } from '../../support/token-fixture.ts';

const signers = (['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const).map((alg) => createSigner(alg));
const stranger = createSigner('ES256');
const jwks = signers.map(({ publicJwk }) => publicJwk);
const keys = parseJwks({ keys: jwks });
if (keys instanceof Malformed) throw new TypeError(keys.why);
const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;
const issuer: Issuer = {
  name: 'corp',
  iss: ISSUER,
  audiences: ['orders', 'billing'],
  profile: 'any',
  algorithms: new Set(algorithms),
  clockSkew: 30_000,
  keys: new FixedKeys(keys, NOW),
  authority: undefined,
  trustDomain: undefined,
  allowInsecureNoExpiry: false,
  allowInsecureNoAudience: false,
};
const policy = { issuers: new Issuers([issuer]), maxTokenLength: 16_384 };
const localSet = createLocalJWKSet({ keys: jwks.map((jwk) => ({ kty: '', ...jwk })) });

async function ours(token: string): Promise<true | string> {
  const moment = { now: NOW, deadline: NOW + 1_000 };
  const verified = await verifyToken(
    token,
    policy,
    new Cache(0, () => 1),
    (text) => hash('sha256', text),
    moment,
  );
  if (verified instanceof Denial) return `${verified.reason} ${verified.detail}`;
  const refused = acceptToken(verified, policy.issuers, credentials.bearer.kinds, NOW);
  return refused ? `${refused.reason} ${refused.detail}` : true;
}

async function theirs(token: string): Promise<true | string> {
  try {
    await jwtVerify(token, localSet, {
      algorithms: [...algorithms],
      audience: [...issuer.audiences],
      issuer: ISSUER,
      clockTolerance: 30,
      currentDate: new Date(NOW),
      requiredClaims: ['exp'],
    });
    return true;
  } catch (error) {
    return String(error);
  }
}

const headers: Claims[] = [
  { typ: 'at+jwt' },
  { typ: undefined },
  { typ: 'logout+jwt' },
  { typ: 7 },
  { kid: undefined },
  { kid: 'unknown' },
  { kid: 5 },
  { kid: 'k'.repeat(300) },
  { alg: 'RS256' },
  { alg: 'ES256' },
  { alg: 'none' },
  { alg: 'HS256' },
  { alg: undefined },
  { jku: 'https://evil.example/keys', x5u: 'https://evil.example/x' },
  { jwk: stranger.publicJwk },
  { crit: ['b64'], b64: true },
  { crit: ['b64'], b64: false },
  { crit: ['exp'], exp: 1 },
  { crit: [] },
  { b64: false },
  { cty: 'JWT' },
];
const claimSets: Claims[] = [
  { aud: ['x', 'billing'] },
  { aud: ['x'] },
  { aud: [] },
  { aud: 5 },
  { aud: undefined },
  { aud: ['orders', 5] },
  { iss: `${ISSUER}/` },
  { iss: undefined },
  { iss: [ISSUER] },
  { exp: NOW_SECONDS },
  { exp: NOW_SECONDS - 29 },
  { exp: NOW_SECONDS - 30 },
  { exp: NOW_SECONDS - 31 },
  { exp: NOW_SECONDS + 0.5 },
  { exp: String(NOW_SECONDS + 60) },
  { exp: undefined },
  { exp: null },
  { exp: -5 },
  { nbf: NOW_SECONDS + 29 },
  { nbf: NOW_SECONDS + 30 },
  { nbf: NOW_SECONDS + 31 },
  { nbf: 'now' },
  { iat: 'now' },
  { iat: NOW_SECONDS + 500 },
  { sub: 5 },
  { sub: undefined },
  { scope: 5 },
  { nonce: 'n' },
  { events: {} },
  { deep: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) },
  { filler: 'x'.repeat(16_384) },
  { '\u{1F600}': '\u0000' },
];

const random = seededRandom(20_300_115);
const swap = (text: string, at: number, character: string) =>
  text.slice(0, at) + character + text.slice(at + 1);
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** What happens to a signed token on its way. */
const mutations: ((token: string) => string)[] = [
  (token) => token.slice(0, -1),
  (token) => `${token}A`,
  (token) => `${token}=`,
  (token) => `${token}.`,
  (token) => token.replace('.', '..'),
  (token) => token.split('.').slice(0, 2).join('.'),
  (token) => token.split('.').reverse().join('.'),
  (token) => token.replaceAll('-', '+').replaceAll('_', '/'),
  (token) => swap(token, random.integer(token.length), random.pick([...'AQgw-_'])),
  (token) => swap(token, token.length - 1, random.pick([...'ABCDEFGHQRSTghijwxyz'])),
  // Another spelling of the same bytes: the last character of a signature has bits that are not used.
  (token) => swap(token, token.length - 1, base64url[base64url.indexOf(token.at(-1) ?? '') ^ 1] ?? ''),
  (token) => swap(token, token.lastIndexOf('.') - 1, random.pick([...'ABCDEFGHQRSTghijwxyz'])),
];

/** Every class of tokens that jose accepts and we do not, and why. Anything else that differs is a bug. */
const stricter: [why: string, applies: (token: string) => boolean][] = [
  [
    'crit and b64 are refused, because no extension is needed (RFC 7515 §4.1.11)',
    (token) => has(decodeProtectedHeader(token), 'crit', 'b64'),
  ],
  [
    'typ says that it is something else (RFC 8725 §3.11)',
    (token) => {
      const { typ } = decodeProtectedHeader(token) as { typ: unknown };
      return typ !== undefined && !['jwt', 'at+jwt'].includes(String(typ).toLowerCase());
    },
  ],
  [
    'registered claims must have their type (RFC 7519 §4.1)',
    (token) => {
      const { sub, iat, aud, scope } = decodeJwt(token) as Claims;
      return (
        [sub, scope].some((one) => one !== undefined && typeof one !== 'string') ||
        (iat !== undefined && typeof iat !== 'number') ||
        (Array.isArray(aud) && aud.some((one) => typeof one !== 'string'))
      );
    },
  ],
  [
    'an ID token or a logout token is no access token (RFC 9068 §5)',
    (token) => has(decodeJwt(token), 'nonce', 'events'),
  ],
  [
    'nested deeper than 32, or longer than 16,384 characters',
    (token) => token.length > 16_384 || has(decodeJwt(token), 'deep'),
  ],
  [
    'base64url that is not canonical (RFC 4648 §3.5)',
    (token) => token.split('.').some((part) => Buffer.from(part, 'base64url').toString('base64url') !== part),
  ],
];
const has = (object: object, ...names: string[]) => names.some((name) => Object.hasOwn(object, name));

function* tokens(): Generator<string> {
  for (const signer of signers) {
    yield signer.sign(goodClaims());
    for (const header of headers) yield signer.sign(goodClaims(), header);
    for (const claims of claimSets) yield signer.sign(goodClaims(claims));
    for (const mutate of mutations)
      for (let time = 0; time < 4; time++) yield mutate(signer.sign(goodClaims()));
    yield stranger.sign(goodClaims(), { alg: signer.alg, kid: signer.kid });
  }
  for (let time = 0; time < 200; time++)
    yield random
      .pick([...signers, stranger])
      .sign(goodClaims({ ...random.pick(claimSets), ...random.pick(claimSets) }), {
        ...random.pick(headers),
      });
}

test('differential – accepts exactly what jose accepts, apart from the listed stricter cases', async (t) => {
  const counts = { both: 0, neither: 0 };
  const used = new Map<string, number>(stricter.map(([why]) => [why, 0]));
  for (const token of tokens()) {
    const [mine, reference] = [await ours(token), await theirs(token)];
    if (mine === true && reference === true) counts.both++;
    else if (mine === true) t.fail(`accepted, and jose says ${reference}: ${token}`);
    else if (reference !== true) counts.neither++;
    else {
      const reasons = stricter.filter(([, applies]) => applies(token));
      if (reasons.length === 0) t.fail(`refused without a listed reason: ${mine}: ${token}`);
      for (const [why] of reasons) used.set(why, (used.get(why) ?? 0) + 1);
    }
  }
  t.true(counts.both > 80, `${counts.both} accepted by both`);
  t.true(counts.neither > 200, `${counts.neither} refused by both`);
  for (const [why, times] of used) t.true(times > 0, `never needed: ${why}`);
});

test('differential – the parser reads no more and no less than jose does from what both accept', async (t) => {
  for (const signer of signers) {
    const token = signer.sign(goodClaims({ '\u{1F600}': ['é', '\u0000', 1e-7, { a: null }] }));
    const parsed = parseJws(token);
    if (parsed instanceof Malformed) return t.fail(parsed.why);
    const { payload, protectedHeader } = await jwtVerify(token, localSet, { currentDate: new Date(NOW) });
    t.deepEqual(parsed.payload, payload);
    t.deepEqual(parsed.header, { ...protectedHeader });
  }
});
