import { Denial } from '../../src/core/denial.ts';
import { type AlgorithmName, algorithmNames, algorithms } from '../../src/core/token/algorithms.ts';
import type { Issuer } from '../../src/core/token/issuers.ts';
import { parseJws, type UnverifiedJws } from '../../src/core/token/jws.ts';
import { parseJwks, parsePemKey, type VerificationKey } from '../../src/core/token/keys.ts';
import { verifySignature } from '../../src/core/token/signature.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import type { Judged, Part, Suite } from './suite.ts';
import { readVectors } from './vectors.ts';

interface File<Group> {
  readonly testGroups: readonly Group[];
}
interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly result: 'valid' | 'acceptable' | 'invalid';
}
interface SignatureGroup {
  readonly publicKeyPem: string;
  readonly publicKeyJwk?: object;
  readonly tests: readonly (Case & { readonly msg: string; readonly sig: string })[];
}
interface JwsGroup {
  readonly public?: object;
  readonly private: object;
  readonly tests: readonly (Case & { readonly jws?: unknown; readonly jwe?: unknown })[];
}

const signatureFiles: readonly [file: string, alg: AlgorithmName][] = [
  ['ecdsa_secp256r1_sha256_p1363', 'ES256'],
  ['ecdsa_secp384r1_sha384_p1363', 'ES384'],
  ['ecdsa_secp521r1_sha512_p1363', 'ES512'],
  ['ed25519', 'EdDSA'],
  ['ed25519', 'Ed25519'],
  ['rsa_signature_2048_sha256', 'RS256'],
  ['rsa_signature_3072_sha256', 'RS256'],
  ['rsa_signature_4096_sha256', 'RS256'],
  ['rsa_signature_2048_sha384', 'RS384'],
  ['rsa_signature_2048_sha512', 'RS512'],
  ['rsa_pss_2048_sha256_mgf1_32', 'PS256'],
  ['rsa_pss_3072_sha256_mgf1_32', 'PS256'],
  ['rsa_pss_4096_sha256_mgf1_32', 'PS256'],
];
const jwsFiles = ['json_web_signature', 'json_web_key', 'json_web_crypto'];

/** `acceptable` is a signature that a strict reader refuses: here the NULL that RFC 8017 §9.2 wants is missing. */
const expected = ({ result }: Case) => (result === 'valid' ? 'accept' : 'refuse');

/** The key in every form that the group has it in: they must agree, or the case counts as refused. */
function keysOf({ publicKeyPem, publicKeyJwk }: SignatureGroup): readonly VerificationKey[] {
  const pem = parsePemKey(publicKeyPem);
  const jwks = publicKeyJwk && parseJwks({ keys: [publicKeyJwk] });
  if (pem instanceof Malformed || jwks instanceof Malformed) return [];
  return [pem, ...(jwks ?? [])];
}

function judgeSignatures([file, alg]: readonly [file: string, alg: AlgorithmName]): Part {
  const cases: Judged[] = [];
  for (const group of readVectors<File<SignatureGroup>>(`wycheproof/${file}_test.json`).testGroups) {
    const keys = keysOf(group);
    for (const one of group.tests) {
      const [input, signature] = [Buffer.from(one.msg, 'hex'), Buffer.from(one.sig, 'hex')];
      const holds = keys.map((key) => key.algorithms.has(alg) && check(alg, input, key, signature));
      const found = holds.length > 0 && holds.every((held) => held) ? 'accept' : 'refuse';
      cases.push({ id: `${file} ${alg} ${one.tcId}`, expected: expected(one), found });
    }
  }
  return { what: `${file}, ${alg}`, cases };
}

/** As `verifySignature` does: what OpenSSL throws at is no signature. */
function check(alg: AlgorithmName, input: Buffer, { key }: VerificationKey, signature: Buffer): boolean {
  try {
    return algorithms[alg].check(input, key, signature);
  } catch {
    return false;
  }
}

async function judgeJws(file: string): Promise<Part> {
  const cases: Judged[] = [];
  for (const group of readVectors<File<JwsGroup>>(`wycheproof/${file}_test.json`).testGroups) {
    const issuer = issuerWith(group.public ?? group.private);
    for (const one of group.tests) {
      const text = one.jws ?? one.jwe;
      const token = typeof text === 'string' ? text : JSON.stringify(text);
      const found = issuer && (await holds(token, issuer)) ? 'accept' : 'refuse';
      cases.push({ id: `${file} ${one.tcId} ${one.comment}`, expected: expected(one), found });
    }
  }
  return { what: file, cases };
}

/** An issuer that allows every algorithm, so that only the key and the token decide. */
function issuerWith(key: object): Issuer | undefined {
  const keys = parseJwks('keys' in key ? key : { keys: [key] });
  if (keys instanceof Malformed) return undefined;
  const set = { keys, fetchedAt: 0 };
  return {
    name: 'wycheproof',
    iss: undefined,
    audiences: [],
    profile: 'any',
    algorithms: new Set(algorithmNames),
    clockSkew: 0,
    keys: { current: () => set, refreshFor: async () => set },
    authority: undefined,
    trustDomain: undefined,
    allowInsecureNoExpiry: true,
    allowInsecureNoAudience: true,
  };
}

async function holds(token: string, issuer: Issuer): Promise<boolean> {
  const jws = readJws(token);
  if (jws instanceof Malformed) return false;
  return !((await verifySignature(jws, issuer, { now: 0, deadline: 0 })) instanceof Denial);
}

/**
 * The payloads of the suite are no claims, so that a token of them would never come to its signature. For reading, `{}`
 * takes their place; the signature is checked over what stands there.
 */
function readJws(token: string): UnverifiedJws | Malformed {
  const [head, , signed, ...more] = token.split('.');
  const jws = parseJws([head, 'e30', signed, ...more].join('.'));
  if (jws instanceof Malformed) return jws;
  return { ...jws, signingInput: Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1') };
}

export const wycheproof: Suite = {
  name: 'Wycheproof',
  source: 'C2SP/wycheproof, testvectors_v1 (Apache-2.0)',
  judged:
    'signatures by the algorithms table with keys from JWK and PEM; tokens by `parseJws`, `parseJwks`, `verifySignature`',
  judge: async () => [...signatureFiles.map(judgeSignatures), ...(await Promise.all(jwsFiles.map(judgeJws)))],
  exceptions: [
    {
      found: 'refuse',
      why: 'HMAC is not supported: every verifier that knows the shared secret could also create tokens',
      ids: [
        'json_web_signature 1 acceptsValid',
        'json_web_signature 348 Figure35',
        'json_web_signature 352 Figure35',
        'json_web_signature 357 ValidMac',
        'json_web_signature 358 ValidEdgeCaseMac',
        'json_web_signature 359 ValidEdgeCaseMac',
        'json_web_signature 372 InvalidCharacterInsertedInHeader',
        'json_web_signature 373 InvalidCharacterInsertedInPayload',
        'json_web_signature 376 ValidSpacesInJsonHeader',
        'json_web_signature 377 ValidWhiteSpaceInJsonHeader',
        'json_web_key 2 acceptsValid',
        'json_web_key 13 long_key',
        'json_web_key 14 long_key',
        'json_web_key 15 long_key',
        'json_web_crypto 1 acceptsValid',
        'json_web_crypto 48 acceptsValid',
      ],
    },
    {
      found: 'refuse',
      why: 'the `alg` of the key differs from that of the token (PS256 and PS384), or does not exist (ES521): by RFC 7517 §4.4 the key is only for its `alg`',
      ids: [
        'json_web_signature 346 Figure20',
        'json_web_signature 347 Figure27',
        'json_web_signature 350 Figure20',
        'json_web_signature 351 Figure27',
      ],
    },
    {
      found: 'refuse',
      why: 'encrypted tokens (JWE) are not supported',
      ids: ['json_web_crypto 50 acceptsValid', 'json_web_crypto 67 acceptsValid'],
    },
    {
      found: 'accept',
      why: 'keys of a broken smart card (ROCA, CVE-2017-15361) are not detected: the issuer chose the key, and Peerproof trusts its whole key set. The signature itself is valid',
      ids: [
        'json_web_key 7 rejectsKeyWithRocaVulnerability',
        'json_web_crypto 46 rejectsKeyWithRocaVulnerability',
      ],
    },
  ],
};
