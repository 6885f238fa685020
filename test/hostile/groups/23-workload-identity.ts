import { digestOf } from '../../support/wit-fixture.ts';
import { each, type Group } from '../case.ts';
import { SHOP, TILL } from '../fixture.ts';
import { proofLine, proven, sent, tokenLine, wit, wpt } from '../makers/workload-identity.ts';
import { proofsOnce } from '../stories/workload-proofs.ts';

const target = 'proof_target_mismatch';
const malformed = 'proof_malformed';
const early = 'proof_not_yet_valid';
const token = 'proof_token_mismatch';

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
  },
};
