import { confirmationOf, digestOf } from '../../support/wit-fixture.ts';
import { type Case, each, type Group, request } from '../case.ts';
import { type Fixture, SHOP, TILL } from '../fixture.ts';
import { beside, issued, proofLine, proven, sent, tokenLine, wit, wpt } from '../makers/workload-identity.ts';
import { proofsOnce } from '../stories/workload-proofs.ts';

const target = 'proof_target_mismatch';
const malformed = 'proof_malformed';
const early = 'proof_not_yet_valid';
const token = 'proof_token_mismatch';
const unknown = 'token_issuer_unknown';

const jwk = (make: (f: Fixture) => Record<string, unknown>, reason: Case['reason']) =>
  issued((f) => ({ cnf: { jwk: make(f) } }), reason);
const own = (f: Fixture) => confirmationOf(f.keys.shopHolder).jwk as Record<string, unknown>;
const passes = { seen: { line: { bound_by: 'wit' }, headers: { 'x-spiffe-id': SHOP } } };

export const group: Group = {
  number: 23,
  title: 'Workload identity tokens',
  items: {
    'a WIT of somebody else': {
      source: 'draft-ietf-wimse-wpt-02 §2; WIT-SVID §7.1',
      cases: {
        'the right sender passes': proven({}, 'allowed', passes),
        'without a proof': sent((_, one) => [tokenLine(one)], 'proof_missing'),
        'with the proof of the thief': proven({}, 'proof_signature_invalid', { holder: 'tillHolder' }),
        'with the proof of the thief, who shows the key': proven({}, 'proof_signature_invalid', {
          holder: 'tillHolder',
          header: { jwk: { kty: 'EC' }, jku: 'https://evil.example/keys' },
        }),
        'its proof with the WIT of the thief': sent((f, one) => {
          const thief = wit(f, { sub: TILL }, {}, 'tillHolder');
          return [tokenLine(thief), proofLine(wpt(f, one))];
        }, token),
        'sent over the mTLS connection of another workload passes, because the key is proven': {
          ...proven({}, 'allowed', passes),
          send: (f) => {
            const one = wit(f);
            return {
              path: '/wit',
              sender: f.senders.till,
              headers: [tokenLine(one), proofLine(wpt(f, one))],
            };
          },
        },
      },
      stories: proofsOnce,
    },
    'a proof for another target': {
      source: 'draft-ietf-wimse-wpt-02 §2, §3.1.7',
      cases: {
        'another path': proven({ aud: 'https://orders.example.com/orders' }, target),
        'a longer path': proven({ aud: 'https://orders.example.com/wit/admin' }, target),
        'another service': proven({ aud: 'https://payments.example.com/wit' }, target),
        'a service that begins alike': proven({ aud: 'https://orders.example.com.evil/wit' }, target),
        'another scheme': proven({ aud: 'http://orders.example.com/wit' }, target),
        'another port': proven({ aud: 'https://orders.example.com:8443/wit' }, target),
        'another service, with its Host': proven({ aud: 'https://evil.example/wit' }, target, {
          input: { host: 'evil.example' },
        }),
        'another service, with its X-Forwarded-Host': sent(
          (f, one) => [
            tokenLine(one),
            proofLine(wpt(f, one, { aud: 'https://evil.example/wit' })),
            ['X-Forwarded-Host', 'evil.example'],
          ],
          target,
        ),
        'none at all': proven({ aud: undefined }, target),
        several: proven({ aud: ['https://orders.example.com/wit', 'https://evil.example/wit'] }, target),
        'an object': proven({ aud: { 0: 'https://orders.example.com/wit' } }, target),
        'a user in front of the host': proven({ aud: 'https://evil.example@orders.example.com/wit' }, target),
        'another spelling of it passes': proven(
          { aud: 'HTTPS://ORDERS.example.com:443/%77it?a#b' },
          'allowed',
        ),
      },
    },
    'a proof of another time': {
      source: 'draft-ietf-wimse-wpt-02 §2, §3.1',
      cases: {
        expired: proven(({ seconds }) => ({ exp: seconds - 60 }), 'proof_expired'),
        'expired in 1970': proven({ exp: 0 }, 'proof_expired'),
        'expired before there was time': proven({ exp: -1e300 }, 'proof_expired'),
        'of a week': proven(({ seconds }) => ({ exp: seconds + 604_800 }), early),
        'of all time': proven({ exp: 1e300 }, early),
        'without end': proven({ exp: undefined }, malformed),
        'of a text': proven(({ seconds }) => ({ exp: String(seconds + 60) }), malformed),
        'of a list': proven(({ seconds }) => ({ exp: [seconds + 60] }), malformed),
        'valid tomorrow': proven(({ seconds }) => ({ nbf: seconds + 86_400 }), early),
        'made tomorrow': proven(({ seconds }) => ({ iat: seconds + 86_400 }), early),
        'an nbf that is a text': proven({ nbf: 'now' }, malformed),
      },
    },
    'a proof that is another JWT': {
      source: 'RFC 8725 §3.11, §3.1; draft-ietf-wimse-wpt-02 §2',
      cases: {
        'typ JWT': proven({}, malformed, { header: { typ: 'JWT' } }),
        'typ dpop+jwt': proven({}, malformed, { header: { typ: 'dpop+jwt' } }),
        'typ wit+jwt': proven({}, malformed, { header: { typ: 'wit+jwt' } }),
        'without typ': proven({}, malformed, { header: { typ: undefined } }),
        'a typ that is a list': proven({}, malformed, { header: { typ: ['wpt+jwt'] } }),
        'alg none': proven({}, 'proof_algorithm_not_allowed', { header: { alg: 'none' } }),
        'alg HS256': proven({}, 'proof_algorithm_not_allowed', { header: { alg: 'HS256' } }),
        'an alg that the WIT does not name': proven({}, 'proof_algorithm_not_allowed', {
          header: { alg: 'ES384' },
        }),
        'alg of Object.prototype': proven({}, 'proof_algorithm_not_allowed', {
          header: { alg: 'constructor' },
        }),
        critical: proven({}, malformed, { header: { crit: ['exp'] } }),
        'the WIT itself': sent((_, one) => [tokenLine(one), proofLine(one)], malformed),
        'no JWT': sent((_, one) => [tokenLine(one), proofLine('x')], malformed),
        'with its payload changed': sent((f, one) => {
          const [head, , signature] = wpt(f, one).split('.');
          const [, body] = wpt(f, one, { jti: 'x' }).split('.');
          return [tokenLine(one), proofLine(`${head}.${body}.${signature}`)];
        }, 'proof_signature_invalid'),
        'without a signature': sent(
          (f, one) => [tokenLine(one), proofLine(`${wpt(f, one).split('.').slice(0, 2).join('.')}.`)],
          malformed,
        ),
        'without jti': proven({ jti: undefined }, malformed),
        'with a jti of 20 KB': proven({ jti: 'x'.repeat(20_000) }, 'proof_too_large'),
        'of 50 KiB': sent((_, one) => [tokenLine(one), proofLine('a.'.repeat(25_000))], 'proof_too_large'),
      },
    },
    'a proof of other tokens': {
      source: 'draft-ietf-wimse-wpt-02 §2; draft-ietf-wimse-wpt-01 §2',
      cases: {
        'the wth of another WIT': proven((f) => ({ wth: digestOf(wit(f, { jti: 'x' })) }), token),
        'no wth': proven({ wth: undefined }, token),
        'the wth in hex': proven(
          (_, one) => ({ wth: Buffer.from(digestOf(one), 'base64url').toString('hex') }),
          token,
        ),
        'a list of wth': proven((_, one) => ({ wth: [digestOf(one)] }), token),
        'the ath of a token that was not sent': proven({ ath: digestOf('x') }, token),
        'an access token that the proof does not name': sent(
          (f, one) => [
            tokenLine(one),
            ['Workload-Proof-Token', wpt(f, one)],
            ['Authorization', `Bearer ${f.token}`],
          ],
          token,
        ),
        'the ath of another access token': sent(
          (f, one) => [
            tokenLine(one),
            ['Workload-Proof-Token', wpt(f, one, { ath: digestOf(f.sign({ jti: 'x' })) })],
            ['Authorization', `Bearer ${f.token}`],
          ],
          token,
        ),
        'the right ath passes': sent(
          (f, one) => [
            tokenLine(one),
            ['Workload-Proof-Token', wpt(f, one, { ath: digestOf(f.token) })],
            ['Authorization', `Bearer ${f.token}`],
          ],
          'allowed',
        ),
        ...each(
          [
            ['behind a tab', 'Bearer\t'],
            ['behind two spaces', 'bearer  '],
            ['behind another scheme', 'Basic YTpi, Bearer '],
            ['behind a comma', ',DPoP '],
          ] as const,
          ([where, before]) => [
            `an access token that the proof does not name, ${where}`,
            sent(
              (f, one) => [
                tokenLine(one),
                ['Workload-Proof-Token', wpt(f, one)],
                ['Authorization', `${before}${f.token}`],
              ],
              token,
            ),
          ],
        ),
        'a transaction token that the proof does not name': sent(
          (f, one) => [tokenLine(one), proofLine(wpt(f, one)), ['Txn-Token', 'x']],
          token,
        ),
        'an oth of a header that was taken away': proven({ oth: { 'x-context': digestOf('x') } }, token),
        'an oth of a header that was doubled': sent(
          (f, one) => [
            tokenLine(one),
            proofLine(wpt(f, one, { oth: { 'x-context': digestOf('a') } })),
            ['X-Context', 'a'],
            ['X-Context', 'b'],
          ],
          token,
        ),
        'an oth of __proto__': proven(() => JSON.parse('{"oth":{"__proto__":"x"}}'), token),
        'an oth of a hundred headers': proven(
          { oth: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`x-${n}`, 'x'])) },
          malformed,
        ),
      },
    },
    'a WIT with a key that nobody should have': {
      source: 'draft-ietf-wimse-workload-creds-02 §3.1; RFC 7518 §3.3, §6',
      cases: {
        'a private key': jwk((f) => ({ ...own(f), d: 'AAAA' }), malformed),
        'a symmetric key': jwk(() => ({ kty: 'oct', k: 'AAAA', alg: 'HS256' }), 'confirmation_malformed'),
        'a symmetric key for ES256': jwk(
          () => ({ kty: 'oct', k: 'AAAA', alg: 'ES256' }),
          'proof_key_unsuitable',
        ),
        'a key without alg': jwk((f) => ({ ...own(f), alg: undefined }), 'confirmation_malformed'),
        'a key for alg none': jwk((f) => ({ ...own(f), alg: 'none' }), 'confirmation_malformed'),
        'RSA with 1024 bits': sent((f) => {
          const { alg, jwk: weak, sign } = f.keys.odd['rsa-1024'];
          const one = wit(f, { cnf: { jwk: { ...weak, alg } } });
          const claims = { aud: 'https://orders.example.com/wit', exp: f.seconds + 60, jti: 'weak' };
          return [tokenLine(one), proofLine(sign({ ...claims, wth: digestOf(one) }, { typ: 'wpt+jwt' }))];
        }, 'proof_key_unsuitable'),
        'RSA with the exponent 1, which signs without a key': sent((f) => {
          const { alg, jwk: weak, sign } = f.keys.odd['rsa-e1'];
          const one = wit(f, { cnf: { jwk: { ...weak, alg } } });
          const claims = { aud: 'https://orders.example.com/wit', exp: f.seconds + 60, jti: 'e1' };
          return [tokenLine(one), proofLine(sign({ ...claims, wth: digestOf(one) }, { typ: 'wpt+jwt' }))];
        }, 'proof_key_unsuitable'),
        'a point that is not on the curve': jwk(
          (f) => ({ ...own(f), x: Buffer.alloc(32, 1).toString('base64url') }),
          'proof_key_unsuitable',
        ),
        'another curve': jwk((f) => ({ ...own(f), crv: 'secp256k1' }), 'proof_key_unsuitable'),
        'a key beside a certificate': issued(
          (f) => ({ cnf: { jwk: own(f), 'x5t#S256': f.senders.shop.thumbprint } }),
          'confirmation_unsupported',
        ),
        ...each(
          [
            ['no key', undefined],
            ['a thumbprint alone', { jkt: 'x' }],
            ['a key that is a text', { jwk: 'x' }],
            ['a key that is null', { jwk: null }],
            ['a list of keys', { jwk: [] }],
          ] as const,
          ([what, cnf]) => [what, issued(() => ({ cnf }), 'token_type_not_allowed')],
        ),
      },
    },
    'a WIT that is none': {
      source: 'WIT-SVID §2, §3; draft-ietf-wimse-workload-creds-02 §2',
      cases: {
        'of another trust domain': issued(() => ({ sub: 'spiffe://evil.example/shop' }), unknown),
        'of another believed trust domain': issued(() => ({ sub: 'spiffe://partner.example/shop' }), unknown),
        'of the trust domain itself': issued(
          () => ({ sub: 'spiffe://cluster.local' }),
          'token_type_not_allowed',
        ),
        'of the scheme wimse': issued(() => ({ sub: 'wimse://cluster.local/shop' }), unknown),
        'whose iss points to other keys': issued((f) => ({ iss: f.lure }), 'allowed'),
        'without typ': issued(() => ({}), 'token_key_unknown', { typ: undefined }),
        'for another audience': issued(() => ({ aud: 'payments' }), 'token_audience_mismatch'),
        'without exp': issued(() => ({ exp: undefined }), 'token_claim_malformed'),
        'that has expired': issued(({ seconds }) => ({ exp: seconds - 60 }), 'token_expired'),
        'signed by the workload': sent((f) => {
          const one = f.keys.shopHolder.sign(
            { sub: SHOP, exp: f.seconds + 60, cnf: { jwk: own(f) } },
            { typ: 'wit+jwt' },
          );
          return [tokenLine(one), proofLine(wpt(f, one))];
        }, 'token_key_unknown'),
        'an access token': sent(
          (f) => [tokenLine(f.token), proofLine(wpt(f, f.token))],
          'token_type_not_allowed',
        ),
        'an access token with the key': sent((f) => {
          const one = f.sign({ cnf: { jwk: own(f) } });
          return [tokenLine(one), proofLine(wpt(f, one))];
        }, 'token_type_not_allowed'),
        'a JWT-SVID with the key': sent((f) => {
          const one = f.svid({ cnf: { jwk: own(f) } });
          return [tokenLine(one), proofLine(wpt(f, one))];
        }, 'token_type_not_allowed'),
        'a proof': sent((f, one) => [tokenLine(wpt(f, one)), proofLine(wpt(f, one))], unknown),
        'of 50 KiB': sent(
          (f, one) => [tokenLine('a'.repeat(50_000)), proofLine(wpt(f, one))],
          'token_too_large',
        ),
      },
    },
    'an access token that the workload does not own': {
      source: 'draft-ietf-wimse-wpt-01 §2; RFC 8693 §4.1',
      cases: {
        'its own passes': beside(() => ({}), 'allowed', passes),
        'of another client': beside(
          (f) => ({ token: f.sign({ client_id: 'till' }) }),
          'binding_workload_mismatch',
        ),
        'of nobody': beside((f) => ({ token: f.sign({ client_id: undefined }) }), 'binding_missing'),
        'that another workload may use (act)': beside(
          (f) => ({ token: f.sign({ act: { sub: TILL } }) }),
          'binding_workload_mismatch',
        ),
        'stolen, with the WIT of the thief': beside(
          (f) => ({ wit: wit(f, { sub: TILL }, {}, 'tillHolder'), holder: 'tillHolder' }),
          'binding_workload_mismatch',
        ),
        'stolen with its WIT': beside(() => ({ holder: 'tillHolder' }), 'proof_signature_invalid'),
        'added to a proof of another one': beside(
          (f) => ({ claims: { ath: digestOf(f.sign({ jti: 'x' })) } }),
          token,
        ),
        'added to a proof of none': beside(() => ({ claims: { ath: undefined } }), token),
        'bound to a certificate': beside((f) => ({ token: f.bound() }), 'confirmation_unproven'),
        'with a WIT of another trust domain': beside(
          (f) => ({ wit: wit(f, { sub: 'spiffe://partner.example/ns/applications/sa/shop' }) }),
          unknown,
        ),
        'with an expired WIT': beside((f) => ({ wit: wit(f, { exp: f.seconds - 60 }) }), 'token_expired'),
        'with an access token as WIT': beside(
          (f) => ({ wit: f.sign({ sub: SHOP, cnf: { jwk: own(f) } }) }),
          'token_type_not_allowed',
        ),
        'without a WIT, with the certificate of its workload': request(
          (f) => ({ path: '/beside', sender: f.senders.shop }),
          'binding_missing',
        ),
      },
    },
    'sent in another way': {
      source: 'draft-ietf-wimse-workload-creds-02 §3.1; RFC 9110 §5.3',
      cases: {
        'a WIT as bearer token': sent(
          (_, one) => [['Authorization', `Bearer ${one}`]],
          'token_type_not_allowed',
          {
            input: { path: '/bearer' },
          },
        ),
        'a WIT as bearer token, with its proof': sent(
          (f, one) => [
            ['Authorization', `Bearer ${one}`],
            ['Workload-Proof-Token', wpt(f, one)],
          ],
          'token_type_not_allowed',
          { input: { path: '/bearer' } },
        ),
        'a WIT as bearer token, where a WIT is wanted': sent(
          (_, one) => [['Authorization', `Bearer ${one}`]],
          'token_missing',
        ),
        'a WIT with its proof, where a bearer token is wanted': proven({}, 'token_missing', {
          input: { path: '/bearer' },
        }),
        'a proof as bearer token': sent((f, one) => [['Authorization', `Bearer ${wpt(f, one)}`]], unknown, {
          input: { path: '/bearer' },
        }),
        'a proof as bearer token beside its WIT': sent(
          (f, one) => [tokenLine(one), ['Authorization', `Bearer ${wpt(f, one)}`]],
          'proof_missing',
        ),
        'a proof alone': sent((f, one) => [proofLine(wpt(f, one))], 'token_missing'),
        'two WITs': sent(
          (f, one) => [
            tokenLine(one),
            tokenLine(wit(f, { sub: TILL }, {}, 'tillHolder')),
            proofLine(wpt(f, one)),
          ],
          'authorization_ambiguous',
        ),
        'one WIT twice': sent(
          (f, one) => [tokenLine(one), tokenLine(one), proofLine(wpt(f, one))],
          'authorization_ambiguous',
        ),
        'two WITs with a comma': sent(
          (f, one) => [tokenLine(`${one}, ${one}`), proofLine(wpt(f, one))],
          'authorization_ambiguous',
        ),
        'two proofs': sent(
          (f, one) => [tokenLine(one), proofLine(wpt(f, one)), proofLine(wpt(f, one))],
          'proof_ambiguous',
        ),
        'two proofs with a comma': sent(
          (f, one) => [tokenLine(one), ['Authorization', `WPT ${wpt(f, one)}, WPT ${wpt(f, one)}`]],
          'proof_ambiguous',
        ),
        'a proof behind a bearer token': sent(
          (f, one) => [tokenLine(one), ['Authorization', `Bearer ${f.token}`], proofLine(wpt(f, one))],
          'proof_ambiguous',
        ),
        'a proof in each of the two places': sent(
          (f, one) => [tokenLine(one), proofLine(wpt(f, one)), ['Workload-Proof-Token', wpt(f, one)]],
          'proof_ambiguous',
        ),
        'the place of the draft before passes': sent(
          (f, one) => [tokenLine(one), ['Workload-Proof-Token', wpt(f, one)]],
          'allowed',
          passes,
        ),
        'a proof with a word behind': sent(
          (f, one) => [tokenLine(one), proofLine(`${wpt(f, one)} x`)],
          malformed,
        ),
        'a SPIFFE ID of its own making does not reach the application': sent(
          (f, one) => [tokenLine(one), proofLine(wpt(f, one)), ['X-Spiffe-Id', TILL]],
          'allowed',
          passes,
        ),
      },
    },
  },
};
