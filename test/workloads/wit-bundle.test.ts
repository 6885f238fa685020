import test from 'ava';
import { createCheckWorld } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { NOW_SECONDS } from '../support/token-fixture.ts';
import { createWorkloadKeys, signWit, signWpt, witClaims, witHeaders } from '../support/wit-fixture.ts';
import { SHOP, TRUST_DOMAIN } from '../support/workload-fixture.ts';

const { issuer, shop } = createWorkloadKeys();
const svids = createSigner('ES256');

test('WIT-SVID – one bundle endpoint has the keys of WITs and of JWT-SVIDs, and none verifies the other (WIT-SVID §6.2)', async (t) => {
  const server = await startJwksServer({ signers: [] });
  t.teardown(() => server.stop());
  const entry = ({ publicJwk }: typeof svids, use: string) => ({ ...publicJwk, use, alg: undefined });
  server.behave(server.paths.jwks, {
    kind: 'body',
    body: JSON.stringify({ keys: [entry(issuer, 'wit-svid'), entry(svids, 'jwt-svid')] }),
    contentType: 'application/json',
  });
  const common = { bundleEndpoint: server.jwksUri, trustDomain: TRUST_DOMAIN };
  const world = await createCheckWorld({
    issuers: {
      wits: { ...common, accept: 'wit' },
      svids: { ...common, accept: 'jwt-svid', audiences: ['orders'] },
    },
    wit: { audiences: ['orders'] },
    rules: [
      { name: 'bearer', match: { paths: ['/bearer'] }, require: { binding: ['none'] } },
      { name: 'wit', require: { credential: 'wit' } },
    ],
  });
  t.teardown(() => world.stop());
  const send = (signer: typeof svids) => {
    const wit = signWit(signer, witClaims(shop));
    return world.check({ headers: witHeaders(wit, signWpt(shop, wit, { aud: 'orders' })) });
  };
  isAllowed(t, await send(issuer));
  isRefused(t, await send(svids), 'token_key_unknown');
  const claims = { sub: SHOP, aud: 'orders', exp: NOW_SECONDS + 60 };
  isAllowed(t, await world.check({ path: '/bearer', token: svids.sign(claims) }));
  isRefused(t, await world.check({ path: '/bearer', token: issuer.sign(claims) }), 'token_key_unknown');
});
