import test, { type ExecutionContext } from 'ava';
import { type Answer, createCheckWorld, NOW, type Presented } from '../../support/check-world.ts';
import { isAllowed } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { NOW_SECONDS } from '../../support/token-fixture.ts';

const SHOP = 'spiffe://cluster.local/ns/applications/sa/shop';
const signer = createSigner('ES256');
const claims = { iss: 'https://spire.example.com', sub: SHOP, aud: 'as', exp: NOW_SECONDS + 60 };

const worldOf = (more: object = {}) =>
  createCheckWorld({
    issuers: {
      spire: {
        ...{ issuer: 'https://spire.example.com', audiences: ['as'], accept: 'jwt-svid', singleUse: true },
        ...{ jwks: { keys: [signer.publicJwk] }, trustDomain: 'cluster.local', ...more },
      },
    },
    peers: { trustDomains: { 'cluster.local': {} } },
    clients: { shop: [SHOP] },
    rules: [
      { name: 'token-endpoint', match: { paths: ['/token'] }, require: { credential: 'client-assertion' } },
      { name: 'other', require: { binding: ['workload'] } },
    ],
  });
/** A client at a token endpoint gets no challenge of a resource. */
const isRefused = (t: ExecutionContext, { decision }: Answer, reason: string) => {
  t.deepEqual([decision.effect, decision.reason], ['deny', reason]);
};
const request = (client_assertion: string): Presented => ({
  ...{ method: 'POST', path: '/token', principal: SHOP },
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({
    ...{ grant_type: 'client_credentials', client_id: 'shop', client_assertion },
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }).toString(),
});

test('single assertion – it is accepted once, and another one too (RFC 7523 §3)', async (t) => {
  const world = await worldOf();
  const [one, other] = [signer.sign({ ...claims, jti: 'a' }), signer.sign({ ...claims, jti: 'b' })];
  isAllowed(t, await world.check(request(one)));
  isRefused(t, await world.check(request(one)), 'proof_replayed');
  isAllowed(t, await world.check(request(other)));
});

test('single assertion – it is remembered for as long as it is accepted', async (t) => {
  const world = await worldOf();
  const assertion = request(signer.sign({ ...claims, jti: 'a' }));
  isAllowed(t, await world.check(assertion));
  world.clock.now = NOW + 60_000 + 29_999;
  isRefused(t, await world.check(assertion), 'proof_replayed');
  world.clock.now = NOW + 60_000 + 30_000;
  isRefused(t, await world.check(assertion), 'token_expired');
});

for (const jti of [undefined, '', 7, null, ['a']])
  test(`single assertion – the jti ${JSON.stringify(jti)} is none`, async (t) => {
    const world = await worldOf();
    isRefused(t, await world.check(request(signer.sign({ ...claims, jti }))), 'token_claim_malformed');
  });

test('single assertion – one that never expires could not be remembered', async (t) => {
  const world = await worldOf({ allowInsecureNoExpiry: true });
  const endless = signer.sign({ ...claims, exp: undefined, jti: 'a' });
  isRefused(t, await world.check(request(endless)), 'token_claim_malformed');
});

test('single assertion – an issuer that promises nothing, and a token that is no assertion, are used often', async (t) => {
  const token = signer.sign({ ...claims, jti: 'a' });
  const usual = await worldOf({ singleUse: false });
  isAllowed(t, await usual.check(request(token)));
  isAllowed(t, await usual.check(request(token)));
  const world = await worldOf();
  isAllowed(t, await world.check({ token, principal: SHOP }));
  isAllowed(t, await world.check({ token, principal: SHOP }));
});
