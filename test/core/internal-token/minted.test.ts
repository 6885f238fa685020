import test, { type ExecutionContext } from 'ava';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { Decision } from '../../../src/core/decision.ts';
import type { Identity } from '../../../src/core/identity/identity.ts';
import { type CheckWorld, createCheckWorld, NOW } from '../../support/check-world.ts';
import { minting, ORDERS, OWN_ISSUER, partsOf, pemKey, writeFiles } from '../../support/internal-token.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, ISSUER, inlineIssuer, NOW_SECONDS } from '../../support/token-fixture.ts';
import { createWorkloads, GATEWAY, SHOP, TRUST_DOMAIN } from '../../support/workload-fixture.ts';

const signer = createSigner('ES256');
const { shop, till } = await createWorkloads();
const HEADER = 'x-peerproof-token';

interface Asked {
  claims?: Record<string, unknown>;
  path?: string;
  destination?: string;
  host?: string;
  headers?: Record<string, string>;
  certificate?: typeof shop;
  token?: string;
}

/** Asks as the gRPC door would, with the destination that the proxy states. */
async function ask(world: CheckWorld, asked: Asked = {}) {
  const { claims, path = '/orders', destination = ORDERS, host = 'orders.example.com', headers } = asked;
  const token = asked.token ?? (claims === undefined ? undefined : signer.sign(goodClaims(claims)));
  const decision = await world.decide(
    {
      request: {
        ...{ method: 'GET', host, path },
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
      },
      peer: { certificate: (asked.certificate ?? shop).urlEncodedPem },
      destination: { principal: destination, port: 0 },
      context: {},
    },
    'grpc',
    Number.POSITIVE_INFINITY,
  );
  if (decision.effect !== 'allow')
    throw new Error(`${decision.reason}: ${'detail' in decision ? decision.detail : ''}`);
  return { decision, token: tokenIn(decision.identity) };
}

function tokenIn({ set }: Identity): string {
  return set.find(([name]) => name === HEADER)?.[1] ?? '';
}

async function open(t: ExecutionContext, more: Parameters<typeof minting>[1] = {}, config: object = {}) {
  const world = await createCheckWorld({
    identity: minting(writeFiles(t, pemKey()), more),
    issuers: { corp: inlineIssuer([signer]) },
    peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
    rules: [
      { name: 'public', match: { paths: ['/healthz'] }, public: true },
      {
        name: 'optional',
        match: { paths: ['/optional'] },
        require: { token: 'optional', binding: ['none'] },
      },
      { name: 'observed', match: { paths: ['/observed'] }, mode: 'observe', require: { scopes: ['admin'] } },
      { name: 'other', match: { paths: ['/other'] }, require: { binding: ['none'] } },
      { name: 'orders', require: { binding: ['none'] } },
    ],
    ...config,
  });
  t.teardown(world.stop);
  return world;
}

function identityOf(decision: Decision): Identity | undefined {
  return decision.effect === 'allow' ? decision.identity : undefined;
}

function jwksOf(world: CheckWorld) {
  const keys = world.policy.identity.internalToken?.mint?.keys.published() ?? [];
  return createLocalJWKSet({ keys: keys.map(({ published }) => published) } as never);
}

const full = {
  scope: 'orders.read orders.write',
  client_id: 'shop',
  act: { sub: 'agent', iss: ISSUER, exp: 1, act: { sub: SHOP } },
};

test('internal token – says what was proven, for the destination, and jose verifies it', async (t) => {
  const world = await open(t);
  const { token, decision } = await ask(world, { claims: full });
  const { payload, protectedHeader } = await jwtVerify(token, jwksOf(world), {
    ...{ issuer: OWN_ISSUER, audience: ORDERS, typ: 'peerproof+jwt', currentDate: new Date(NOW) },
    requiredClaims: ['exp', 'iat', 'jti', 'sub'],
  });
  t.is(protectedHeader.alg, 'ES256');
  t.deepEqual(payload, {
    iss: OWN_ISSUER,
    aud: ORDERS,
    sub: 'alice',
    client_id: 'shop',
    scope: 'orders.read orders.write',
    act: { sub: 'agent', iss: ISSUER, act: { sub: SHOP } },
    token_iss: ISSUER,
    spiffe_id: SHOP,
    bound_by: 'none',
    iat: NOW_SECONDS,
    exp: NOW_SECONDS + 60,
    jti: decision.id,
  });
});

for (const algorithm of ['EdDSA', 'RS256'] as const)
  test(`internal token – jose verifies one that is signed with ${algorithm}`, async (t) => {
    const world = await createCheckWorld({
      identity: minting(writeFiles(t, pemKey(algorithm))),
      issuers: { corp: inlineIssuer([signer]) },
      peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
      rules: [{ name: 'orders', require: { binding: ['none'] } }],
    });
    t.teardown(world.stop);
    const { token } = await ask(world, { claims: {} });
    const { protectedHeader } = await jwtVerify(token, jwksOf(world), { currentDate: new Date(NOW) });
    t.is(protectedHeader.alg, algorithm);
  });

test('internal token – never outlives the token that the request brought', async (t) => {
  const world = await open(t);
  const soon = await ask(world, { claims: { exp: NOW_SECONDS + 7.5 } });
  t.is(partsOf(soon.token).claims.exp, NOW_SECONDS + 7);
  // Accepted by the clock skew alone: the verifier has to know whether it allows any.
  const late = await ask(world, { claims: { exp: NOW_SECONDS - 5 } });
  t.is(partsOf(late.token).claims.exp, NOW_SECONDS - 5);
});

test('internal token – the same one is sent again until half of its life is over', async (t) => {
  const world = await open(t);
  const token = signer.sign(goodClaims(full));
  const first = await ask(world, { token });
  world.clock.now = NOW + 29_999;
  const second = await ask(world, { token });
  t.is(second.token, first.token);
  // The answer that is kept beside it is the same object.
  const again = await ask(world, { token });
  t.is(identityOf(again.decision), identityOf(second.decision));
  world.clock.now = NOW + 30_000;
  const third = await ask(world, { token });
  t.not(third.token, first.token);
  t.is(partsOf(third.token).claims.jti, third.decision.id);
});

test('internal token – none is sent again if the clock was put back', async (t) => {
  const world = await open(t);
  const token = signer.sign(goodClaims(full));
  const first = await ask(world, { token });
  world.clock.now = NOW - 60_000;
  const second = await ask(world, { token });
  t.is(partsOf(second.token).claims.iat, NOW_SECONDS - 60);
  t.not(second.token, first.token);
});

test('internal token – with reuse 0s each request gets its own', async (t) => {
  const world = await open(t, { reuse: '0s' });
  const token = signer.sign(goodClaims(full));
  const [first, second] = [await ask(world, { token }), await ask(world, { token })];
  t.is(partsOf(first.token).claims.jti, first.decision.id);
  t.is(partsOf(second.token).claims.jti, second.decision.id);
});

test('internal token – another destination or sender never gets the same one', async (t) => {
  const world = await open(t);
  const token = signer.sign(goodClaims(full));
  const other = 'spiffe://cluster.local/ns/billing/sa/billing';
  const first = await ask(world, { token });
  const elsewhere = await ask(world, { token, destination: other });
  t.is(partsOf(elsewhere.token).claims.aud, other);
  const stranger = await ask(world, { token, certificate: till });
  t.not(partsOf(stranger.token).claims.spiffe_id, SHOP);
  // Both destinations stay known, however often they alternate.
  t.is((await ask(world, { token })).token, first.token);
  t.is((await ask(world, { token, destination: other })).token, elsewhere.token);
});

test('internal token – another rule with the same facts costs no signature', async (t) => {
  const world = await open(t);
  const token = signer.sign(goodClaims(full));
  const first = await ask(world, { token });
  t.is((await ask(world, { token, path: '/other' })).token, first.token);
});

const without: Record<string, Asked> = {
  'a public rule': { path: '/healthz', claims: full },
  'a request without a token': { path: '/optional' },
  'a token without a subject': { claims: { sub: undefined } },
  'a destination that nobody names': { claims: full, destination: '' },
  'a destination without a path': { claims: full, destination: 'spiffe://cluster.local' },
  'more than fits into a header': { claims: { scope: 'x'.repeat(7_000) } },
};
for (const [title, asked] of Object.entries(without))
  test(`internal token – ${title}: none, and that of the client is removed`, async (t) => {
    const world = await open(t);
    const { decision, token } = await ask(world, { ...asked, headers: { [HEADER]: 'forged' } });
    t.is(token, '');
    if (decision.effect === 'allow') t.true(decision.identity.remove.names.includes(HEADER));
  });

test('internal token – a host with a name stands for a destination that no proxy states', async (t) => {
  const names = { 'orders.example.com': 'orders', 'orders.example.com:8443': 'orders-at-a-port' };
  const world = await open(t, { audiences: names });
  const unnamed = { claims: full, destination: '' };
  t.is(partsOf((await ask(world, unnamed)).token).claims.aud, 'orders');
  t.is(partsOf((await ask(world, { claims: full })).token).claims.aud, ORDERS);
  t.is((await ask(world, { ...unnamed, host: 'other.example.com' })).token, '');
  // The proxy may have read either host.
  t.is((await ask(world, { ...unnamed, host: 'orders.example.com:8443' })).token, '');
});

test('internal token – at a gateway the name of the host counts first, because it passes the request on', async (t) => {
  const peers = { trustDomains: { [TRUST_DOMAIN]: {} }, gateways: [GATEWAY] };
  const world = await open(t, { audiences: { 'orders.example.com': 'orders' } }, { peers });
  const atGateway = { claims: full, destination: GATEWAY };
  t.is(partsOf((await ask(world, atGateway)).token).claims.aud, 'orders');
  t.is(partsOf((await ask(world, { ...atGateway, host: 'other.example.com' })).token).claims.aud, GATEWAY);
  t.is(partsOf((await ask(world, { claims: full })).token).claims.aud, ORDERS);
});

test('internal token – what is only observed: a token that is not bound says nothing', async (t) => {
  const world = await open(t);
  const { decision, token } = await ask(world, { path: '/observed', claims: full });
  t.is(decision.reason, 'observed');
  t.is(token, '');
});

test('internal token – what is only observed: a bound token is said, without what the rule lacks', async (t) => {
  const world = await open(t);
  const claims = { ...full, cnf: { 'x5t#S256': shop.thumbprint } };
  const { decision, token } = await ask(world, { path: '/observed', claims });
  t.is(decision.reason, 'observed');
  t.like(partsOf(token).claims, { sub: 'alice', bound_by: 'certificate', aud: ORDERS });
});

test('internal token – scopes that hold a space are left out, and never become two', async (t) => {
  const world = await open(t);
  const { token } = await ask(world, {
    claims: { scope: undefined, scp: ['read', 'read admin', 'a"b', ''] },
  });
  t.is(partsOf(token).claims.scope, 'read');
});

test('internal token – one is not accepted in the place of an access token', async (t) => {
  const world = await open(t);
  const { token } = await ask(world, { claims: full });
  await t.throwsAsync(ask(world, { token }), { message: /token_issuer_unknown/ });
});
