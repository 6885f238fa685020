import fc from 'fast-check';
import { NOW } from '../../support/check-world.ts';
import type { Claims, JwtSigner } from '../../support/jwt-signer.ts';
import { mutatedJson } from './mutate-json.ts';
import { mutatedText } from './mutate-text.ts';
import { oddJson, oddText } from './odd.ts';
import { certificates, IDS, type IssuerName, issuers, stranger } from './world.ts';

const now = NOW / 1000;

/** The claims of valid tokens of each issuer. */
const honest: Record<IssuerName, () => Claims> = {
  corp: () => ({
    ...common('corp'),
    sub: 'alice',
    client_id: 'shop',
    scope: 'orders.read orders.write',
    tenant: 'blue',
    level: 3,
    realm: { roles: ['clerk'] },
    email: 'alice@example.com',
    groups: ['staff', 'buyers'],
  }),
  partner: () => ({ ...common('partner'), sub: 'bob', client_id: 'till', jti: 'j-1' }),
  single: () => ({ ...common('single'), sub: IDS.shop }),
  cluster: () => ({
    ...common('cluster'),
    sub: 'system:serviceaccount:applications:shop',
    'kubernetes.io': {
      namespace: 'applications',
      serviceaccount: { name: 'shop', uid: 'u-1' },
      pod: { name: 'shop-0', uid: 'u-2' },
    },
  }),
  spire: () => ({ aud: ['orders'], sub: IDS.shop, iat: now - 10, exp: now + 300 }),
};

function common(name: IssuerName): Claims {
  return { iss: issuers[name].iss, aud: issuers[name].audience, iat: now - 10, exp: now + 300 };
}

/** A token as it is presented, with what its maker knows of it. */
export interface Minted {
  /** Maybe not what was signed any more. */
  readonly text: string;
  /** The signed claims and the signer. The signer is undefined for a key that no issuer has. */
  readonly signed: string;
  readonly by: IssuerName | undefined;
}

const proof = (name: 'shop' | 'till' | 'behind') => ({ 'x5t#S256': certificates[name].thumbprint });
const bindings = fc.constantFrom<unknown>(
  proof('shop'),
  proof('till'),
  proof('behind'),
  { ...proof('shop'), jkt: 'x' },
  { 'x5t#S256': certificates.shop.sha256Hex },
  { 'x5t#S256': `${certificates.shop.thumbprint}=` },
  { jkt: 'x' },
  {},
  null,
  [],
  'x',
);

/** Claims that a holder of an issuer's key could sign, most of them with one important claim changed. */
const telling: fc.Arbitrary<Claims> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: bindings.map((cnf) => ({ cnf })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Claims>(
      { act: { sub: IDS.till } },
      { act: { sub: IDS.shop } },
      { act: { sub: {} } },
      { act: null },
      { sub: IDS.shop, act: { sub: 'bob' } },
      { act: { sub: 'shop' }, client_id: undefined },
      { act: { sub: 'bob', client_id: 'shop' }, client_id: 'till' },
      { act: { sub: 'shop', iss: 'https://partner.example.net' }, client_id: undefined },
      { act: { sub: IDS.shop, act: { sub: IDS.till } } },
      { act: { sub: IDS.shop, act: 'x' } },
      { act: { sub: IDS.shop }, may_act: { sub: IDS.shop } },
      { act: { sub: IDS.shop }, may_act: { sub: IDS.till } },
      { may_act: { sub: IDS.shop } },
      { sub: IDS.shop },
      { sub: IDS.till },
      { sub: `${IDS.shop}/` },
      { client_id: 'till' },
      { azp: 'shop' },
      { azp: 'till' },
      { client_id: undefined, azp: 'shop' },
      { exp: now },
      { exp: now - 29 },
      { exp: now - 30 },
      { exp: 1e308 },
      { nbf: now + 30 },
      { nbf: now + 31 },
      { aud: ['x', 'orders'] },
      { aud: 'Orders' },
      { aud: 'orders ' },
      { aud: [['orders']] },
      { aud: { orders: 1 } },
      { iss: 'https://login.example.com/' },
      { iss: 'https://partner.example.net' },
      { iss: 'https://kubernetes.example' },
      { iss: 'https://spire.example' },
      { nonce: 'n' },
      { events: {} },
      { typ: 'ID' },
      { scp: ['orders.write'] },
      { scope: undefined, scp: ['orders.write'] },
      { scope: 'orders.write guest' },
      { tenant: ['blue'] },
      { realm: { roles: [7] } },
      { email: 'a@example.com', email_verified: false },
    ),
  },
);

const odd = fc.oneof(
  oddJson,
  fc.constantFrom<unknown>(now, now + 1e9, 'orders', ['orders'], IDS.shop, IDS.till, 'shop', 'till', 'blue'),
);
const headerOdds = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Claims>({}) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Claims>(
      { typ: 'at+jwt' },
      { typ: 'application/at+jwt' },
      { typ: 'AT+JWT' },
      { typ: undefined },
      { typ: 'logout+jwt' },
      { typ: 'JOSE' },
      { typ: 1 },
      { kid: undefined },
      { kid: '' },
      { kid: '../../etc/passwd' },
      { kid: 'x'.repeat(300) },
      { kid: 7 },
      { alg: 'none' },
      { alg: 'HS256' },
      { alg: 'ES256' },
      { alg: 'RS512' },
      { alg: 'PS384' },
      { alg: 'Ed25519' },
      { alg: 'constructor' },
      { alg: ['ES256'] },
      { crit: ['b64'], b64: false },
      { crit: [] },
      { b64: true },
      { jwk: stranger.publicJwk, jku: 'https://evil.example/jwks', x5c: [], x5u: 'https://evil.example/' },
      { zip: 'DEF' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('alg', 'kid', 'typ', 'crit', 'b64', 'cty'), oddJson)
      .map(([k, v]) => ({ [k]: v })),
  },
);

const names = Object.keys(issuers) as IssuerName[];
/** The `typ` that an issuer's tokens need, or may have. */
const typOf = (name: IssuerName) => (name === 'partner' ? { typ: 'at+jwt' } : {});

/** Signs anything; where everything was taken away, nothing is left to sign but `null`. */
function sign(signer: JwtSigner, claims: unknown, header: Claims): string {
  return signer.sign((claims ?? null) as Claims, header);
}

/** Tokens: valid ones, oddly signed ones, and damaged copies of both. */
export const minted: fc.Arbitrary<Minted> = fc
  .constantFrom(...names)
  .chain((name) =>
    fc.record({
      by: fc.oneof(
        { weight: 9, arbitrary: fc.constant(name) },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
      signer: fc.constantFrom<JwtSigner>(...issuers[name].signers),
      claims: fc.oneof(
        { weight: 3, arbitrary: telling.map((more): unknown => ({ ...honest[name](), ...more })) },
        {
          weight: 2,
          arbitrary: mutatedJson(
            telling.map((more) => ({ ...honest[name](), ...more })),
            { values: odd, most: 3 },
          ),
        },
      ),
      header: headerOdds.map((more) => ({ ...typOf(name), ...more })),
    }),
  )
  .chain(({ by, signer, claims, header }) => {
    const one = by === undefined ? stranger : signer;
    const signed = sign(one, claims, by === undefined ? { kid: signer.kid ?? undefined, ...header } : header);
    const made = { signed, by };
    const broken = mutatedText(fc.constant(signed), {
      words: ['.', '..', '=', '-', '_', 'A', 'eyJ', 'eyJhbGciOiJub25lIn0', ' ', ','],
      most: 2,
    });
    return fc.oneof(
      { weight: 3, arbitrary: fc.constant({ ...made, text: signed }) },
      { weight: 2, arbitrary: broken.map((text) => ({ ...made, text })) },
    );
  });

/** Unchanged tokens of issuers for the workload `shop`. */
export const honestlyMinted: fc.Arbitrary<Minted> = fc
  .tuple(fc.constantFrom(...names, 'corp' as const, 'corp' as const), fc.boolean())
  .map(([name, isBound]) => {
    const [signer] = issuers[name].signers;
    const claims = { ...honest[name](), ...(isBound && { cnf: proof('shop') }) };
    const text = signer.sign(claims, typOf(name));
    return { text, signed: text, by: name };
  });

/** What stands in `Authorization`, with the token that it holds if it holds one. */
export const authorization = (token: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(`Bearer ${token}`) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        `bearer ${token}`,
        `BEARER ${token}`,
        `Bearer  ${token}`,
        `Bearer\t${token}`,
        ` Bearer ${token}`,
        `Bearer ${token} `,
        `Bearer ${token},Bearer ${token}`,
        `Basic eDp5,Bearer ${token}`,
        `Bearer ${token}, Basic eDp5`,
        `DPoP ${token}`,
        `Bearer: ${token}`,
        `Bearer "${token}"`,
        `Bearer token="${token}"`,
        token,
        'Bearer',
        '',
      ),
    },
    {
      weight: 1,
      arbitrary: mutatedText(fc.constant(`Bearer ${token}`), { words: [' ', ',', 'Bearer '], most: 3 }),
    },
    { weight: 1, arbitrary: oddText.map((text) => `Bearer ${text}`) },
  );
