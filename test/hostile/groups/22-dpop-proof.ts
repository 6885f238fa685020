import { createHash } from 'node:crypto';
import { createSigner } from '../../support/jwt-signer.ts';
import { type Case, each, type Group } from '../case.ts';
import { claims, good, header, keyed, lines, malformed, proof, sends, url } from '../makers/dpop.ts';
import { nonces } from '../stories/dpop-nonces.ts';
import { replays } from '../stories/dpop-replays.ts';

const ec384 = createSigner('ES384', { kid: null }).publicKey.export({ format: 'jwk' });
const weak = createSigner('PS256', { kid: null, modulusLength: 1_024 });
const flood = 61_000;
const tooLarge: Case['envoy'] = { refuses: 431 };

export const group: Group = {
  number: 22,
  title: 'DPoP',
  items: {
    'old and of the future': {
      source: 'RFC 9449 §4.3 step 11, §11.1 and §11.2',
      cases: {
        'the last moment': claims((f) => ({ iat: f.seconds - 89 }), 'allowed'),
        'a moment later': claims((f) => ({ iat: f.seconds - 90 }), 'proof_expired'),
        'of 1970': claims({ iat: 0 }, 'proof_expired'),
        negative: claims({ iat: -1e300 }, 'proof_expired'),
        'a clock that is ahead': claims((f) => ({ iat: f.seconds + 30 }), 'allowed'),
        'a second more': claims((f) => ({ iat: f.seconds + 31 }), 'proof_not_yet_valid'),
        'in milliseconds': claims((f) => ({ iat: f.now }), 'proof_not_yet_valid'),
        never: claims({ iat: undefined }, malformed),
        'a text': claims((f) => ({ iat: String(f.seconds) }), malformed),
        'a proof that says how long it holds': claims(
          (f) => ({ iat: f.seconds - 100, exp: f.seconds + 1_000 }),
          'proof_expired',
        ),
      },
    },
    'forged carrier': {
      source: 'RFC 9449 §4.2, §4.3 steps 1 to 7, §11.4 and §11.5; RFC 8725 §3.1 and §3.11',
      cases: {
        'alg none': header({ alg: 'none' }, 'proof_algorithm_not_allowed'),
        'alg HS256 with the public key': header({ alg: 'HS256' }, 'proof_algorithm_not_allowed'),
        'alg that is not in the list': header({ alg: 'RS256' }, 'proof_algorithm_not_allowed'),
        'alg that is a property of every object': header(
          { alg: 'constructor' },
          'proof_algorithm_not_allowed',
        ),
        'no alg': header({ alg: undefined }, 'proof_algorithm_not_allowed'),
        'typ of an access token': header({ typ: 'at+jwt' }, malformed),
        'typ of another proof': header({ typ: 'wpt+jwt' }, malformed),
        'typ in capitals': header({ typ: 'DPOP+JWT' }, malformed),
        'no typ': header({ typ: undefined }, malformed),
        'the access token itself': sends((_, token) => lines(token, token), malformed),
        'a token of the issuer with typ dpop+jwt': sends(
          (f, token) => lines(token, f.sign({}, { typ: 'dpop+jwt' })),
          malformed,
        ),
        'a token of the issuer with its own key': sends(
          (f, token) =>
            lines(
              token,
              f.sign({ htm: 'GET', htu: url, jti: 'a' }, { typ: 'dpop+jwt', jwk: f.keys.ec.publicJwk }),
            ),
          'proof_key_mismatch',
        ),
        'critical headers': header({ crit: ['b64'], b64: false }, malformed),
        'no key': header({ jwk: undefined }, malformed),
        'a key by its name': header({ jwk: undefined, kid: 'ec' }, malformed),
        'a key at an address': header((f) => ({ jwk: undefined, jku: f.lure }), malformed),
        'a certificate at an address': header((f) => ({ jwk: undefined, x5u: f.lure }), malformed),
        'a list of keys': header((f) => ({ jwk: [f.dpop.publicJwk] }), malformed),
        'a private key': header(
          (f) => ({ jwk: f.dpop.signer.privateKey.export({ format: 'jwk' }) }),
          malformed,
        ),
        'a symmetric key': header({ jwk: { kty: 'oct', k: 'c2VjcmV0' } }, 'proof_key_unsuitable'),
        'a key for another algorithm': header({ jwk: ec384 }, 'proof_key_unsuitable'),
        'a key with a huge exponent': proof(
          (f) => ({
            signer: f.keys.pss,
            header: { alg: 'PS256', jwk: { ...f.keys.pss.publicJwk, e: 'A'.repeat(340) } },
          }),
          'proof_key_unsuitable',
        ),
        'a key that is short': {
          send: (f) => {
            const { n = '', e = '' } = weak.publicKey.export({ format: 'jwk' });
            const jkt = createHash('sha256')
              .update(JSON.stringify({ e, kty: 'RSA', n }))
              .digest('base64url');
            const token = keyed(f, { cnf: { jkt } });
            const proven = f.dpop.proof({ token, url, signer: weak, header: { jwk: { kty: 'RSA', n, e } } });
            return { path: '/keyed', headers: lines(token, proven) };
          },
          reason: 'proof_key_unsuitable',
        },
        'a key of another type with the members of ours': header(
          (f) => ({ jwk: { ...f.dpop.publicJwk, kty: 'OKP', crv: 'Ed25519' } }),
          'proof_key_unsuitable',
        ),
        ...each(
          [
            ['missing', undefined],
            ['empty', ''],
            ['a number', 7],
            ['a list', ['x']],
            ['longer than any', 'x'.repeat(257)],
          ] as const,
          ([what, jti]) => [`a jti that is ${what}`, claims({ jti }, malformed)],
        ),
      },
    },
    'twice, huge or deep': {
      source: 'RFC 9449 §4.3 step 1; RFC 9110 §5.3',
      cases: {
        'the same one twice': sends((f, token) => lines(token, ...twice(good(f, token))), 'proof_ambiguous'),
        'a bad one first': sends((f, token) => lines(token, 'x', good(f, token)), 'proof_ambiguous'),
        'a bad one last': sends((f, token) => lines(token, good(f, token), 'x'), 'proof_ambiguous'),
        'two in one line': sends(
          (f, token) => lines(token, `${good(f, token)},${good(f, token)}`),
          'proof_ambiguous',
        ),
        'Bearer beside DPoP': sends(
          (f, token) => [...lines(token, good(f, token)), ['authorization', `Bearer ${token}`]],
          'authorization_ambiguous',
        ),
        'DPoP twice': sends(
          (f, token) => [...lines(token, good(f, token)), ['authorization', `DPoP ${token}`]],
          'authorization_ambiguous',
        ),
        'a token in the query as well': {
          send: (f) => {
            const token = keyed(f);
            return { path: '/keyed?access_token=x', headers: lines(token, good(f, token)) };
          },
          reason: 'authorization_ambiguous',
        },
        'a name with _': sends(
          (f, token) => [
            ['authorization', `DPoP ${token}`],
            ['d_pop', good(f, token)],
          ],
          'proof_missing',
        ),
        'ten thousand characters': claims({ more: 'x'.repeat(7_000) }, 'proof_too_large'),
        '60 KiB': claims({ more: 'x'.repeat(44_000) }, 'proof_too_large'),
        '60 KiB of commas': sends((_, token) => lines(token, ','.repeat(flood)), 'proof_too_large', {
          envoy: tooLarge,
        }),
        '60 KiB of dots': sends((_, token) => lines(token, '.'.repeat(flood)), 'proof_too_large', {
          envoy: tooLarge,
        }),
        '8 KiB of dots': sends((_, token) => lines(token, '.'.repeat(8_192)), malformed),
        'lists in lists': claims({ more: JSON.parse('['.repeat(2_000) + ']'.repeat(2_000)) }, malformed),
        'thousands of names': claims(
          { more: Object.fromEntries(Array.from({ length: 700 }, (_, n) => [n, 0])) },
          malformed,
        ),
      },
    },
    'used twice': { source: 'RFC 9449 §11.1', stories: replays },
    'nonces that are not ours': {
      source: 'RFC 9449 §8 and §9',
      cases: {
        ...each(
          [
            ['none', undefined, 'proof_nonce_missing'],
            ['made up', 'A'.repeat(22), 'proof_nonce_expired'],
            ['empty', '', 'proof_nonce_expired'],
            ['a list', [''], 'proof_nonce_expired'],
          ] as const,
          ([what, nonce, reason]) => [what, { ...claims({ nonce }, reason), world: 'chained' as const }],
        ),
        'where nobody asks for one': claims({ nonce: 'x' }, 'allowed'),
      },
      stories: nonces,
    },
  },
};

function twice(one: string): readonly [string, string] {
  return [one, one];
}
