import test from 'ava';
import { createCheckWorld } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { NOW_SECONDS } from '../support/token-fixture.ts';
import { SHOP, TILL, TRUST_DOMAIN } from '../support/workload-fixture.ts';

const signer = createSigner('ES256');
const x509 = createSigner('ES256');

test('JWT-SVID – keys from a SPIFFE bundle endpoint: those with use jwt-svid, and no others (SPIFFE Bundle §4)', async (t) => {
  const server = await startJwksServer({ signers: [] });
  t.teardown(() => server.stop());
  const entry = ({ publicJwk }: typeof signer, use: string) => ({ ...publicJwk, use, alg: undefined });
  const keys = [entry(signer, 'jwt-svid'), entry(x509, 'x509-svid')];
  server.behave(server.paths.jwks, {
    kind: 'body',
    body: JSON.stringify({ keys }),
    contentType: 'application/json',
  });
  const world = await createCheckWorld({
    issuers: {
      spire: {
        bundleEndpoint: server.jwksUri,
        accept: 'jwt-svid',
        trustDomain: TRUST_DOMAIN,
        audiences: ['orders'],
      },
    },
    peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
    rules: [{ name: 'only', require: { binding: ['workload'] } }],
  });
  t.teardown(() => world.stop());
  const claims = { sub: SHOP, aud: ['orders'], exp: NOW_SECONDS + 60 };
  isAllowed(t, await world.check({ token: signer.sign(claims), principal: SHOP }));
  isRefused(
    t,
    await world.check({ token: signer.sign(claims), principal: TILL }),
    'binding_workload_mismatch',
  );
  const byX509 = await world.check({ token: x509.sign(claims), principal: SHOP });
  isRefused(t, byX509, 'token_key_unknown');
});
