import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { parseConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { Denial } from '../../../src/core/denial.ts';
import { parseDerCertificate } from '../../../src/core/peer/certificate.ts';
import { readClientAssertion } from '../../../src/core/token/client-assertion.ts';
import { readIntrospection } from '../../../src/core/token/introspection.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { verify } from '../../core/peer/world.ts';
import { createCa, urlEncodePem } from '../../support/ca.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { subjectAlternativeName, textName } from '../../support/subject-alternative-name.ts';
import { createTokenWorld, goodClaims } from '../../support/token-fixture.ts';
import { pemOf } from './presented-parts.ts';

/** What fuzzing found, each in its smallest form: a red one is a bug that was not there before. */

const recorded = new X509Certificate(
  readFileSync(new URL('../../fixtures/spire/orders.pem', import.meta.url)),
).raw;

/** The recorded certificate with other bytes in one place. */
function changed(from: string, to: string): Buffer {
  const hex = recorded.toString('hex');
  if (hex.split(from).length !== 2) throw new TypeError(`${from} does not stand there once`);
  return Buffer.from(hex.replace(from, to), 'hex');
}

const time = (text: string) => Buffer.from(text).toString('hex');
const notAfter = '261122163104Z';

for (const [what, der] of [
  // OpenSSL's word for it is "Bad time value", and Node makes NaN or any number of it: never before, never after.
  ['a validity that is not a time', changed(time(notAfter), time('2.1122163104Z'))],
  ['a validity with a sign for a digit', changed(time(notAfter), time(':61122163104Z'))],
  ['a 13th month', changed(time(notAfter), time('261322163104Z'))],
  ['a validity without Z', changed(time(notAfter), time('2611221631041'))],
  ['names in no SEQUENCE', changed('0433303186', '0433313186')],
  ['a key usage that is not a BIT STRING', changed('0404030203a8', '0404020203a8')],
  ['a key usage of another class of types', changed('0404030203a8', '0404430203a8')],
  ['basic constraints in no SEQUENCE', changed('130101ff04023000', '130101ff04027000')],
  // OpenSSL writes the unused bits as zeros, and so finds another thumbprint.
  ['a signature with bits among the unused ones', changed('0347003044', '0347033044')],
  ['a key usage with a bit among the unused ones', changed('0404030203a8', '0404030203aa')],
] as const)
  test(`found – a certificate with ${what} is malformed`, (t) => {
    t.true(parseDerCertificate(der) instanceof Malformed);
  });

test('found – a certificate with an invalid entry in its SAN is malformed', async (t) => {
  const ca = await createCa();
  const name = textName('uri', Buffer.from('spiffe://cluster.local/ns/a/sa/b'));
  for (const other of ['0c0161', '740161', '3000', '8a0161', 'a600']) {
    const odd = subjectAlternativeName([name, Buffer.from(other, 'hex')], true);
    const { der } = await ca.issue({ moreExtensions: [odd] });
    t.true(parseDerCertificate(der) instanceof Malformed, other);
  }
});

test('found – a certificate with a malformed end of validity is not valid for ever', (t) => {
  const der = changed(time(notAfter), time('2.1122163104Z'));
  const shown = verify(
    { certificate: urlEncodePem(pemOf(der)) },
    { trustDomains: undefined },
    Date.UTC(2126, 0, 1),
  );
  t.true(shown instanceof Denial);
});

test('found – a certificate in BER is malformed: it would have another thumbprint than in DER', (t) => {
  const ber = Buffer.concat([Buffer.from([0x30, 0x80]), recorded.subarray(4), Buffer.alloc(2)]);
  t.true(parseDerCertificate(ber) instanceof Malformed);
});

test('found – a form with escapes that are not UTF-8 is read in one way or refused', (t) => {
  const body =
    'client_id=shop%c2&client_assertion=a.b.c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const read = readClientAssertion({ method: 'POST', host: 'a', path: '/token', headers, body });
  t.is(read instanceof Denial ? read.reason : read.clientId, 'body_unreadable');
});

for (const name of ['token_type', 'token_use'])
  test(`found – an introspection answer with an object for ${name} is a denial and no exception`, (t) => {
    const read = readIntrospection({ active: true, [name]: { toString: null } }, undefined);
    t.is(read instanceof Denial ? read.reason : read, 'token_type_not_allowed');
  });

test('found – no managed header is set to a value with control characters: x-forwarded-client-cert', async (t) => {
  const signer = createSigner('ES256');
  const world = await createTokenWorld([signer]);
  const hash = 'a'.repeat(64);
  for (const odd of ['\n', '\0', '\x7f', 'é']) {
    const { decision } = await world.check({
      token: signer.sign(goodClaims()),
      headers: { 'x-forwarded-client-cert': `Hash=${hash};Subject="a${odd}b"` },
    });
    const set = decision.effect === 'allow' ? decision.identity.set : [];
    t.deepEqual(
      set.filter(([, value]) => !/^[ -~]*$/.test(value)),
      [],
    );
  }
});

const jwk = JSON.stringify(createSigner('ES256').publicJwk);
const corp = `corp: {issuer: https://a.example, audiences: [a], jwks: {keys: [${jwk}]}}`;
const rule = '{name: a}';

/** The time is that of this thread: what else the machine does is not counted. */
function isRefused(t: ExecutionContext, text: string): void {
  const began = process.threadCpuUsage();
  t.throws(() => parseConfig(text, 'test.yaml'), { instanceOf: ConfigError });
  const { user, system } = process.threadCpuUsage(began);
  t.true(user + system < 1_000_000, `${Math.round((user + system) / 1000)} ms`);
}

for (const [what, text] of [
  [
    'a way to authenticate that every object has',
    `issuers: {o: {audiences: [a], introspection: {endpoint: https://a.example/, clientId: c, authentication: constructor}}}\nrules: [${rule}]`,
  ],
  [
    'a way to authenticate that is no text',
    `issuers: {o: {audiences: [a], introspection: {endpoint: https://a.example/, clientId: c, authentication: {toString: 1}}}}\nrules: [${rule}]`,
  ],
  [
    'a name of a rule that is no text',
    `issuers: {${corp}}\nrules: [{name: {toString: 1}, require: {binding: [none]}}]`,
  ],
  [
    'a prefix that is no text',
    `issuers: {${corp}}\nlisten: {http: "127.0.0.1:1"}\nhttp: {pathPrefix: {toString: 1}, forwardAuth: [{path: /auth, proxies: [10.0.0.1], original: x-original}]}\nrules: [${rule}]`,
  ],
  [
    'a network that is no text',
    `issuers: {${corp}}\nlisten: {http: "127.0.0.1:1"}\nhttp: {forwardAuth: [{path: /auth, proxies: [{toString: 1}], original: x-original}]}\nrules: [${rule}]`,
  ],
  [
    'a header name that is no text',
    `issuers: {${corp}}\nlisten: {http: "127.0.0.1:1"}\nhttp: {forwardAuth: [{path: /auth, proxies: [10.0.0.1], original: x-original, certificateHeader: {toString: 1}}]}\nrules: [${rule}]`,
  ],
  [
    'an alias that leads into itself',
    `issuers:\n  corp: {issuer: https://a.example, audiences: [a], jwks: &j {keys: [${jwk}], x: *j}}\nrules: [${rule}]`,
  ],
  ['lists in lists, deeper than the parser goes', `${'- '.repeat(60_000)}1\n- 2\n`],
  // Each more takes twice the time and the memory: with forty of them the process is gone.
  ['keys that are maps with keys that are maps', `${'? '.repeat(27)}x\n`],
  [
    'a key set with a length that is no number',
    `issuers: {corp: {issuer: https://a.example, audiences: [a], jwks: {keys: [${jwk}], length: [{toString: null}]}}}\nrules: [${rule}]`,
  ],
  [
    'a required claim called __proto__',
    `issuers: {${corp}}\nrules: [{name: a, require: {claims: {__proto__: x}}}]`,
  ],
  ['a context called __proto__', `issuers: {${corp}}\nrules: [{name: a, match: {context: {__proto__: x}}}]`],
  [
    'two thousand unknown settings',
    `rules: [{name: a, public: true}]\n${Array.from({ length: 2_000 }, (_, n) => `k${n}: 1`).join('\n')}`,
  ],
  [
    'a key for introspection that is none',
    `issuers: {o: {audiences: [a], introspection: {endpoint: https://a.example/, clientId: c, authentication: private_key_jwt, keyFile: /dev/null}}}\nrules: [${rule}]`,
  ],
] as const)
  test(`found – a configuration with ${what} is a ConfigError, and soon`, (t) => isRefused(t, text));
