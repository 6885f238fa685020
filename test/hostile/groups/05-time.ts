import { type Case, claims, each, type Group, token } from '../case.ts';
import type { Fixture } from '../fixture.ts';

const malformed = 'token_claim_malformed';
const expired = 'token_expired';
const early = 'token_not_yet_valid';

/** A claim relative to the time of the check, in seconds. */
const at = (name: string, offset: number, reason: Case['reason'], iss?: string): Case =>
  token((f) => f.sign({ [name]: f.seconds + offset, ...(iss && { iss }) }), reason);

/** A number as it stands in the JSON, which JSON.stringify would write in another way. */
const written = (name: string, number: string | ((f: Fixture) => string), reason: Case['reason']): Case =>
  token((f) => {
    const text = typeof number === 'string' ? number : number(f);
    return f.signText(`${JSON.stringify(f.claims({ [name]: undefined })).slice(0, -1)},"${name}":${text}}`);
  }, reason);

const types = (name: string) =>
  each(
    [
      ['a text of digits', '9999999999'],
      ['a text', 'never'],
      ['an empty text', ''],
      ['null', null],
      ['true', true],
      ['a list', [9_999_999_999]],
      ['an object', { seconds: 9_999_999_999 }],
      ['a date', '2099-01-01T00:00:00Z'],
    ] as const,
    ([what, value]) => [`${name} is ${what}`, claims({ [name]: value }, malformed)],
  );

const exact = 'https://exact.example.com';
const lax = 'https://lax.example.com';

export const group: Group = {
  number: 5,
  title: 'Time',
  items: {
    '`exp`/`nbf`/`iat` as string': {
      source: 'RFC 7519 §2, §4.1.4',
      cases: { ...types('exp'), ...types('nbf'), ...types('iat') },
    },
    float: {
      source: 'RFC 7519 §2 (NumericDate)',
      cases: {
        'exp half a second ahead of the end of the skew': at('exp', -29.5, 'allowed'),
        'exp half a second past it': at('exp', -30.5, expired),
        'nbf half a second inside': at('nbf', 29.5, 'allowed'),
        'nbf half a second outside': at('nbf', 30.5, early),
        'exp with an exponent': written('exp', (f) => `${(f.seconds + 60) / 1e9}e9`, 'allowed'),
      },
    },
    negative: {
      source: 'RFC 7519 §4.1.4',
      cases: {
        'exp −1': claims({ exp: -1 }, expired),
        'exp 0': claims({ exp: 0 }, expired),
        'exp −0': written('exp', '-0', expired),
        'exp of 1970 in milliseconds': claims({ exp: -9_999_999_999_999 }, expired),
        'nbf −1': claims({ nbf: -1 }, 'allowed'),
        'iat −1': claims({ iat: -1 }, 'allowed'),
      },
    },
    '1e400': {
      source: 'RFC 8259 §6; RFC 7519 §2',
      cases: {
        'exp 1e400': written('exp', '1e400', malformed),
        'exp −1e400': written('exp', '-1e400', malformed),
        'nbf −1e400': written('nbf', '-1e400', malformed),
        'nbf 1e400': written('nbf', '1e400', malformed),
        'iat 1e400': written('iat', '1e400', malformed),
        'exp 1e308, whose milliseconds are no number any more': written('exp', '1e308', 'allowed'),
        'nbf 1e308': written('nbf', '1e308', early),
        'nbf −1e308': written('nbf', '-1e308', 'allowed'),
        'exp −1e308': written('exp', '-1e308', expired),
        'exp in milliseconds': written('exp', (f) => String(f.now + 60_000), 'allowed'),
        'nbf in milliseconds': written('nbf', (f) => String(f.now), early),
      },
    },
    'edge of the clock skew': {
      source: 'RFC 7519 §4.1.4, §4.1.5',
      cases: {
        'exp 30 s ago': at('exp', -30, expired),
        'exp 29.999 s ago': at('exp', -29.999, 'allowed'),
        'exp now, where no skew is allowed': at('exp', 0, expired, exact),
        'exp in a millisecond, where no skew is allowed': at('exp', 0.001, 'allowed', exact),
        'nbf in 30 s': at('nbf', 30, 'allowed'),
        'nbf in 30.001 s': at('nbf', 30.001, early),
        'nbf now, where no skew is allowed': at('nbf', 0, 'allowed', exact),
        'nbf in a millisecond, where no skew is allowed': at('nbf', 0.001, early, exact),
        'exp before nbf': token((f) => f.sign({ exp: f.seconds + 10, nbf: f.seconds + 20 }), 'allowed'),
        'iat in an hour, which nothing forbids': at('iat', 3_600, 'allowed'),
      },
    },
    'no `exp` or `aud` only where opted in': {
      source: 'RFC 9068 §2.2; RFC 8725 §3.9',
      cases: {
        'no exp': claims({ exp: undefined }, malformed),
        'no aud': claims({ aud: undefined }, 'token_audience_mismatch'),
        neither: claims({ exp: undefined, aud: undefined }, malformed),
        'neither, where both are opted in': token(
          (f) => f.sign({ iss: lax, exp: undefined, aud: undefined }, {}, 'lax'),
          'allowed',
        ),
        'an exp that is over, where none is needed': token(
          (f) => f.sign({ iss: lax, exp: f.seconds - 31 }, {}, 'lax'),
          expired,
        ),
        'exp null, where none is needed': token((f) => f.sign({ iss: lax, exp: null }, {}, 'lax'), malformed),
        'a ServiceAccount token without exp': {
          send: (f) => ({ path: '/account', sender: f.senders.shop, token: f.account({ exp: undefined }) }),
          reason: malformed,
        },
        'a JWT-SVID without exp (JWT-SVID §3.3)': {
          send: (f) => ({ path: '/workload', sender: f.senders.shop, token: f.svid({ exp: undefined }) }),
          reason: malformed,
        },
      },
    },
  },
};
