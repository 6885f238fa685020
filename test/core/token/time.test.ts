import test from 'ava';
import { NOW } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { assembleJwt, createSigner } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims, NOW_SECONDS } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const world = await createTokenWorld([signer]);
const skew = 30;

const inTime: [string, Record<string, unknown>][] = [
  ['exp within the skew', { exp: NOW_SECONDS - skew + 1 }],
  ['exp a millisecond within the skew', { exp: NOW_SECONDS - skew + 0.001 }],
  ['exp in the far future', { exp: 1e300 }],
  ['exp with a fraction', { exp: NOW_SECONDS + 0.5 }],
  ['nbf now', { nbf: NOW_SECONDS }],
  ['nbf at the edge of the skew', { nbf: NOW_SECONDS + skew }],
  ['nbf negative', { nbf: -1 }],
  ['nbf 0', { nbf: 0 }],
  ['no nbf and no iat', { nbf: undefined, iat: undefined }],
  ['iat in the future, which says nothing of validity', { iat: NOW_SECONDS + 3_600 }],
];
for (const [title, claims] of inTime)
  test(`time – accepts ${title} (RFC 7519 §4.1.4 to §4.1.6)`, async (t) => {
    isAllowed(t, await world.check({ token: signer.sign(goodClaims(claims)) }));
  });

const outOfTime: [string, Record<string, unknown>, 'token_expired' | 'token_not_yet_valid'][] = [
  ['exp at the edge of the skew', { exp: NOW_SECONDS - skew }, 'token_expired'],
  ['exp a millisecond beyond the skew', { exp: NOW_SECONDS - skew - 0.001 }, 'token_expired'],
  ['exp long ago', { exp: 1 }, 'token_expired'],
  ['exp 0', { exp: 0 }, 'token_expired'],
  ['exp negative', { exp: -1e15 }, 'token_expired'],
  ['exp beyond what a date can hold, negative', { exp: -1e300 }, 'token_expired'],
  ['exp before nbf', { exp: NOW_SECONDS - 60, nbf: NOW_SECONDS + 60 }, 'token_expired'],
  ['nbf a second beyond the skew', { nbf: NOW_SECONDS + skew + 1 }, 'token_not_yet_valid'],
  ['nbf a millisecond beyond the skew', { nbf: NOW_SECONDS + skew + 0.001 }, 'token_not_yet_valid'],
  ['nbf beyond what a date can hold', { nbf: 1e300 }, 'token_not_yet_valid'],
  ['exp in milliseconds is fine, nbf in milliseconds is far', { nbf: NOW }, 'token_not_yet_valid'],
];
for (const [title, claims, reason] of outOfTime)
  test(`time – denies ${title} (RFC 7519 §4.1.4, §4.1.5)`, async (t) => {
    isRefused(t, await world.check({ token: signer.sign(goodClaims(claims)) }), reason);
  });

const notDates: [string, unknown][] = [
  ['a string', String(NOW_SECONDS + 60)],
  ['an ISO date', new Date(NOW + 60_000).toISOString()],
  ['null', null],
  ['true', true],
  ['a list', [NOW_SECONDS + 60]],
  ['an object', { seconds: NOW_SECONDS + 60 }],
  ['an empty string', ''],
];
for (const name of ['exp', 'nbf', 'iat']) {
  for (const [title, value] of notDates)
    test(`time – denies ${name} that is ${title} (RFC 7519 §2, NumericDate)`, async (t) => {
      const token = signer.sign(goodClaims({ [name]: value }));
      isRefused(t, await world.check({ token }), 'token_claim_malformed');
    });

  for (const number of ['1e400', '-1e400'])
    test(`time – denies ${name} of ${number}, which is not a number (RFC 7519 §2)`, async (t) => {
      const { [name]: _, ...others } = goodClaims();
      const payload = `${JSON.stringify(others).slice(0, -1)},"${name}":${number}}`;
      const token = assembleJwt({ header: { alg: 'ES256', kid: signer.kid }, payload, signer });
      isRefused(t, await world.check({ token }), 'token_claim_malformed');
    });
}

test('time – denies a token without exp (RFC 9068 §2.2)', async (t) => {
  const token = signer.sign(goodClaims({ exp: undefined }));
  isRefused(t, await world.check({ token }), 'token_claim_malformed');
});

test('clock skew – is what the issuer is configured with, to the millisecond', async (t) => {
  const strict = await createTokenWorld([signer], { clockSkew: '0s' });
  const token = signer.sign(goodClaims({ nbf: NOW_SECONDS, exp: NOW_SECONDS + 10 }));
  const at = async (milliseconds: number) => {
    strict.clock.now = NOW + milliseconds;
    return strict.check({ token });
  };
  isRefused(t, await at(-1), 'token_not_yet_valid');
  isAllowed(t, await at(0));
  isAllowed(t, await at(9_999));
  isRefused(t, await at(10_000), 'token_expired');
  const lenient = await createTokenWorld([signer], { clockSkew: '5m' });
  isAllowed(t, await lenient.check({ token: signer.sign(goodClaims({ exp: NOW_SECONDS - 299 })) }));
  const late = await lenient.check({ token: signer.sign(goodClaims({ exp: NOW_SECONDS - 300 })) });
  isRefused(t, late, 'token_expired');
});

test('time – a bad signature is reported before a bad time, because unverified claims are not read', async (t) => {
  const stranger = createSigner('ES256');
  const token = stranger.sign(goodClaims({ exp: 1 }), { kid: signer.kid });
  isRefused(t, await world.check({ token }), 'token_signature_invalid');
});
