import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseJwks } from '../../src/core/token/keys.ts';
import { problemsOf } from '../support/config-problems.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { createTokenWorld, goodClaims, ISSUER } from '../support/token-fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
test.after.always(() => rmSync(directory, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};

for (const alg of ['RS256', 'ES256', 'EdDSA'] as const)
  test(`keys from a file – a PEM public key verifies ${alg} tokens, with a kid and without (RFC 7515 §4.1.4)`, async (t) => {
    const signer = createSigner(alg);
    const world = await createTokenWorld([], { jwks: undefined, keys: file(`${alg}.pem`, signer.publicPem) });
    isAllowed(t, await world.check({ token: signer.sign(goodClaims(), { kid: undefined }) }));
    const stranger = createSigner(alg);
    const forged = await world.check({ token: stranger.sign(goodClaims(), { kid: undefined }) });
    isRefused(t, forged, 'token_signature_invalid');
    // A PEM file holds one key without a name: the hint in the token cannot mean another (RFC 7515 §4.1.4).
    isAllowed(t, await world.check({ token: signer.sign(goodClaims()) }), 'with a kid');
  });

test('keys from a file – a JWK Set in a file', async (t) => {
  const signer = createSigner('ES256');
  const jwks = file('jwks.json', JSON.stringify({ keys: [signer.publicJwk] }));
  const world = await createTokenWorld([], { jwks });
  isAllowed(t, await world.check({ token: signer.sign(goodClaims({ iss: ISSUER })) }));
  const unknown = createSigner('ES256').sign(goodClaims());
  isRefused(t, await world.check({ token: unknown }), 'token_key_unknown');
  t.like(world.issuers[0]?.state(), { keyAge: 0, fetches: 0, failures: 0 });
});

for (const alg of ['RS256', 'ES256', 'EdDSA'] as const)
  test(`keys from a file – a private ${alg} key is refused at load, with file, line and what would be right`, (t) => {
    const { privateKey } = createSigner(alg);
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const jwk = JSON.stringify({ keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'k' }] });
    const written: [string, string, RegExp][] = [
      ['keys', file(`${alg}.key`, pem), /openssl pkey -in FILE -pubout/],
      ['keys', file(`${alg}.both`, `${createSigner(alg).publicPem}\n${pem}`), /a private key/],
      ['jwks', file(`${alg}.jwks`, jwk), /without "d"/],
      ['jwks', jwk, /without "d"/],
    ];
    for (const [key, value, right] of written) {
      const text = `issuers:\n  corp:\n    issuer: https://a.example\n    audiences: [a]\n    ${key}: ${value}\nrules: [{name: a}]\n`;
      const [problem, ...more] = problemsOf(text, 'peerproof.yaml');
      t.deepEqual(more, []);
      t.like(problem, { file: 'peerproof.yaml', line: 5, key: `issuers.corp.${key}` });
      t.regex(problem?.message ?? '', right);
      t.notRegex(problem?.message ?? '', /BEGIN|"kid"/);
    }
  });

test('keys – a published private key is skipped, because everyone can sign with it', (t) => {
  const signer = createSigner('ES256');
  const published = { ...signer.privateKey.export({ format: 'jwk' }), kid: signer.kid };
  t.deepEqual(parseJwks({ keys: [published] }), []);
  t.is((parseJwks({ keys: [published, signer.publicJwk] }) as readonly unknown[]).length, 1);
});
