import test from 'ava';
import { keepHeader, parseJws, type UnverifiedJws } from '../../../src/core/token/jws.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { assembleJwt, createSigner } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims } from '../../support/token-fixture.ts';

const unsigned = (header: object) =>
  assembleJwt({ header, payload: goodClaims(), signature: Buffer.alloc(64) });
const parsed = (header: object) => parseJws(unsigned(header)) as UnverifiedJws;
/** Whether two tokens get the same object. */
const kept = (header: object) => {
  const [first, second] = [parsed(header), parsed(header)];
  return first.header === second.header;
};
const keep = (header: object) => keepHeader(parsed(header));

test('kept headers – the header of a token is kept when its signature holds', async (t) => {
  const signer = createSigner('ES256');
  const world = await createTokenWorld([signer]);
  const header = { alg: 'ES256', kid: signer.kid, typ: 'JWT' };
  isRefused(t, await world.check({ token: unsigned(header) }), 'token_signature_invalid');
  t.false(kept(header));
  isAllowed(t, await world.check({ token: signer.sign(goodClaims()) }));
  t.true(kept(header));
});

test('kept headers – each is what its own text says', (t) => {
  const headers = ['a', 'b', 'c'].map((kid) => ({ alg: 'ES256', kid }));
  for (const header of headers) keep(header);
  for (const header of headers) t.deepEqual(parsed(header).header, header);
});

test('kept headers – a long one is not kept', (t) => {
  const long = { alg: 'ES256', x5c: ['x'.repeat(400)] };
  keep(long);
  t.false(kept(long));
});

test('kept headers – the first is gone after some thousand others', (t) => {
  const first = { alg: 'ES256', kid: 'first' };
  keep(first);
  t.true(kept(first));
  for (let n = 0; n < 10_000; n++) keep({ alg: 'ES256', kid: `key-${n}` });
  t.false(kept(first));
});
