import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
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
