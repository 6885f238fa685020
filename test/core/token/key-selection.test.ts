import test from 'ava';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { assembleJwt, createSigner } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims } from '../../support/token-fixture.ts';

const first = createSigner('ES256', { kid: 'first' });
const second = createSigner('ES256', { kid: 'second' });
const nameless = createSigner('ES256', { kid: null });
const world = await createTokenWorld([first, second]);

test('kid – picks the key of that name among several (RFC 7515 §4.1.4)', async (t) => {
  for (const signer of [first, second])
    isAllowed(t, await world.check({ token: signer.sign(goodClaims()) }), String(signer.kid));
});

test('kid – the name of another key is not tried with this one (RFC 7515 §4.1.4)', async (t) => {
  const token = first.sign(goodClaims(), { kid: 'second' });
  isRefused(t, await world.check({ token }), 'token_signature_invalid');
});

test('kid – absent: each fitting key is tried (RFC 7515 §4.1.4)', async (t) => {
  for (const signer of [first, second])
    isAllowed(t, await world.check({ token: signer.sign(goodClaims(), { kid: undefined }) }));
  const unknown = createSigner('ES256').sign(goodClaims(), { kid: undefined });
  isRefused(t, await world.check({ token: unknown }), 'token_signature_invalid');
});

test('kid – absent: four fitting keys are tried and five are not (bounded work)', async (t) => {
  const signers = Array.from({ length: 5 }, () => createSigner('ES256'));
  const other = createSigner('EdDSA');
  const last = signers[4]!;
  const four = await createTokenWorld([...signers.slice(1), other]);
  isAllowed(t, await four.check({ token: last.sign(goodClaims(), { kid: undefined }) }));
  const five = await createTokenWorld([...signers, other]);
  const refused = await five.check({ token: last.sign(goodClaims(), { kid: undefined }) });
  isRefused(t, refused, 'token_key_unknown');
  isAllowed(t, await five.check({ token: last.sign(goodClaims()) }), 'with its kid');
  isAllowed(
    t,
    await five.check({ token: other.sign(goodClaims(), { kid: undefined }) }),
    'the only EdDSA key',
  );
});

test('kid – two keys of one name are both tried (RFC 7517 §4.5)', async (t) => {
  const twins = [createSigner('ES256', { kid: 'twin' }), createSigner('ES256', { kid: 'twin' })];
  const both = await createTokenWorld(twins);
  for (const twin of twins) isAllowed(t, await both.check({ token: twin.sign(goodClaims()) }));
  const stranger = createSigner('ES256', { kid: 'twin' });
  isRefused(t, await both.check({ token: stranger.sign(goodClaims()) }), 'token_signature_invalid');
});

test('kid – two keys of one name and of different types are told apart by alg (RFC 7517 §4.5)', async (t) => {
  const twins = [createSigner('ES256', { kid: 'twin' }), createSigner('EdDSA', { kid: 'twin' })];
  const both = await createTokenWorld(twins);
  for (const twin of twins) isAllowed(t, await both.check({ token: twin.sign(goodClaims()) }));
});

test('kid – five keys of one name are too many to try', async (t) => {
  const five = Array.from({ length: 5 }, () => createSigner('ES256', { kid: 'same' }));
  const many = await createTokenWorld(five);
  isRefused(t, await many.check({ token: five[0]!.sign(goodClaims()) }), 'token_key_unknown');
});

test('kid – a key without one serves tokens without one (RFC 7515 §4.1.4)', async (t) => {
  const single = await createTokenWorld([nameless]);
  isAllowed(t, await single.check({ token: nameless.sign(goodClaims()) }));
});

const unknown: string[] = [
  'third',
  'FIRST',
  'first ',
  '../../first',
  '/dev/null',
  "' OR 1=1 --",
  'first\0',
  '',
  '__proto__',
  'constructor',
  'ключ',
  'a'.repeat(256),
];
for (const kid of unknown)
  test(`kid – ${JSON.stringify(kid.slice(0, 20))} (${kid.length}) names no key (RFC 7515 §4.1.4)`, async (t) => {
    isRefused(t, await world.check({ token: first.sign(goodClaims(), { kid }) }), 'token_key_unknown');
  });

const malformed: [string, unknown][] = [
  ['a number', 1],
  ['null', null],
  ['true', true],
  ['a list', ['first']],
  ['an object', { first: 1 }],
  ['257 characters', 'a'.repeat(257)],
];
for (const [title, kid] of malformed)
  test(`kid – ${title} is malformed (RFC 7515 §4.1.4)`, async (t) => {
    isRefused(t, await world.check({ token: first.sign(goodClaims(), { kid }) }), 'token_malformed');
  });

test('kid – 64 KB make the token too large before anything is read', async (t) => {
  const token = first.sign(goodClaims(), { kid: 'k'.repeat(65_536) });
  isRefused(t, await world.check({ token }), 'token_too_large');
});

test('signature – each of its bytes counts (RFC 7515 §5.2)', async (t) => {
  const [head, body] = first.sign(goodClaims()).split('.');
  const good = first.signature(`${head}.${body}`);
  for (let at = 0; at < good.length; at += 7) {
    const bytes = Buffer.from(good);
    bytes[at]! ^= 1;
    const token = `${head}.${body}.${bytes.toString('base64url')}`;
    isRefused(t, await world.check({ token }), 'token_signature_invalid', { title: `byte ${at}` });
  }
});

test('signature – covers header and payload (RFC 7515 §5.2)', async (t) => {
  const [head, body, signature] = first.sign(goodClaims()).split('.');
  const signatureBytes = Buffer.from(String(signature), 'base64url');
  const header = { alg: 'ES256', kid: 'first', typ: 'JWT' };
  t.is(
    assembleJwt({ header, payload: goodClaims(), signature: signatureBytes }),
    `${head}.${body}.${signature}`,
  );
  const others = [
    assembleJwt({ header, payload: goodClaims({ sub: 'mallory' }), signature: signatureBytes }),
    assembleJwt({ header: { ...header, typ: 'at+jwt' }, payload: goodClaims(), signature: signatureBytes }),
    assembleJwt({ header, payload: `${JSON.stringify(goodClaims())} `, signature: signatureBytes }),
  ];
  for (const token of others) isRefused(t, await world.check({ token }), 'token_signature_invalid');
});
