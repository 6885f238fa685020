import { confirmationOf, digestOf } from '../../support/wit-fixture.ts';
import { type Case, each, type Group, request } from '../case.ts';
import { type Fixture, SHOP, TILL } from '../fixture.ts';
import { beside, issued, proofLine, proven, sent, tokenLine, wit, wpt } from '../makers/workload-identity.ts';

const malformed = 'proof_malformed';
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
