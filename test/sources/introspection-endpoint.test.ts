import { hash } from 'node:crypto';
import test from 'ava';
import type { Attestation } from '../../src/core/token/authority.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { CachedAuthority } from '../../src/sources/cached-authority.ts';
import {
  IntrospectionEndpoint,
  type IntrospectionOptions,
} from '../../src/sources/introspection-endpoint.ts';
import { createCa } from '../support/ca.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { startOidcProvider } from '../support/oidc-provider.ts';

const never = new AbortController().signal;
const ca = await createCa();
const signer = createSigner('ES256');
const orders = 'https://orders.example.com';
const short = 'https://short.example.com';
const spiffeId = 'spiffe://cluster.local/ns/security/sa/peerproof';
const provider = await startOidcProvider({
  ca,
  clients: [
    { clientId: 'shop' },
    { clientId: 'bound', boundTokens: true },
    { clientId: 'basic', clientSecret: 'a b:c%+/~&=' },
    { clientId: 'posting', metadata: { token_endpoint_auth_method: 'client_secret_post' } },
    {
      clientId: 'signing',
      metadata: { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [signer.publicJwk] } },
    },
    {
      clientId: 'mutual',
      metadata: { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_uri: spiffeId },
    },
  ],
  resources: {
    [orders]: { scope: 'orders.read orders.write', format: 'opaque' },
    [short]: { scope: 'x', format: 'opaque', ttl: 6 },
  },
});
const mine = await ca.svid(spiffeId);
const foreign = await (await createCa()).svid(spiffeId);
const another = await ca.svid('spiffe://cluster.local/ns/security/sa/other');
const opaque = await provider.token({ clientId: 'shop', resource: orders, scope: 'orders.read' });
test.after.always(() => provider.stop());

function endpoint(more: Partial<IntrospectionOptions>): IntrospectionEndpoint {
  return new IntrospectionEndpoint({
    ...{ endpoint: provider.introspectionEndpoint, issuer: provider.issuer, ca: ca.certPem },
    ...{ authentication: 'client_secret_basic', clientId: 'basic' },
    clientSecret: provider.clientSecret('basic'),
    ...{ timeout: 5_000, clock: Date.now, ...more },
  });
}

const key = signer.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const tls = (issued: typeof mine) => ({ cert: issued.certPem, key: issued.keyPem });
type Way = [string, Partial<IntrospectionOptions>];
const ways: Way[] = [
  ['client_secret_basic, with a secret that needs encoding', {}],
  [
    'client_secret_post',
    {
      ...{ authentication: 'client_secret_post', clientId: 'posting' },
      clientSecret: provider.clientSecret('posting'),
    },
  ],
  ['private_key_jwt, for the issuer', { authentication: 'private_key_jwt', clientId: 'signing', key }],
  [
    'private_key_jwt, for the endpoint',
    { authentication: 'private_key_jwt', clientId: 'signing', key, issuer: undefined },
  ],
  ['tls_client_auth', { authentication: 'tls_client_auth', clientId: 'mutual', ...tls(mine) }],
];
for (const [title, more] of ways)
  test(`introspection – oidc-provider, ${title} (RFC 7662 §2)`, async (t) => {
    const asked = endpoint(more);
    t.teardown(() => asked.close());
    const { claims, ...rest } = (await asked.ask(opaque, never)) as Attestation;
    t.deepEqual(rest, { audiences: undefined, username: undefined, cached: false });
    t.like(claims, { iss: provider.issuer, aud: orders, client_id: 'shop', scope: 'orders.read' });
    t.is(typeof claims?.exp, 'number');
    t.false(Object.hasOwn(claims ?? {}, 'active'));
    // The same connection and a second assertion.
    t.like(await asked.ask(opaque, never), { cached: false });
  });

test('introspection – oidc-provider: cnf of a bound token (RFC 8705 §3.2)', async (t) => {
  const token = await provider.token({ clientId: 'bound', resource: orders, certificate: mine });
  const asked = endpoint({});
  t.teardown(() => asked.close());
  t.like(await asked.ask(token, never), { claims: { cnf: { 'x5t#S256': mine.thumbprint } } });
});

const inactive: [string, string][] = [
  ['nobody knows', 'AbCdEf0123456789'],
  ['holds what a form must encode', 'a&client_id=shop&token=b=+ %'],
  ['is a JWT, which it does not introspect', signer.sign({ iss: provider.issuer })],
];
for (const [title, token] of inactive)
  test(`introspection – oidc-provider: a token that ${title} is inactive`, async (t) => {
    const asked = endpoint({});
    t.teardown(() => asked.close());
    t.like(await asked.ask(token, never), { reason: 'token_inactive' });
  });

test('introspection – oidc-provider: a token of another issuer than the configured one', async (t) => {
  const asked = endpoint({ issuer: 'https://other.example.com' });
  t.teardown(() => asked.close());
  t.like(await asked.ask(opaque, never), { reason: 'token_issuer_unknown' });
});

const strangers: Way[] = [
  ['a wrong secret', { clientSecret: 'wrong' }],
  ['an unknown client', { clientId: 'nobody' }],
  ['a key that is not registered', { ...ways[2]?.[1], key: pemOf(createSigner('ES256')) }],
  ['the certificate of another client', { ...ways[4]?.[1], ...tls(another) }],
  ['a certificate of another CA', { ...ways[4]?.[1], ...tls(foreign) }],
];
for (const [title, more] of strangers)
  test(`introspection – oidc-provider: ${title} is our outage and not the token's fault`, async (t) => {
    const asked = endpoint(more);
    t.teardown(() => asked.close());
    const error = await t.throwsAsync(asked.ask(opaque, never), { message: /answered 401 invalid_client$/ });
    t.like(error, { reason: 'introspection_unavailable' });
    t.false(error?.message.includes(opaque));
  });

test('introspection – oidc-provider: remembered, but never past exp', async (t) => {
  const endpointOf = endpoint({});
  t.teardown(() => endpointOf.close());
  const clock = { now: Date.now() };
  const asked = new CachedAuthority({
    bulkhead: new Bulkheads(() => 1_000).of('corp'),
    ...{ ask: endpointOf.ask, authority: 'opaque', unavailable: 'introspection_unavailable', timeout: 5_000 },
    clock: () => clock.now,
  });
  const token = await provider.token({ clientId: 'shop', resource: short });
  const ask = () => asked.ask(token, hash('sha256', token), { now: clock.now, deadline: clock.now + 5_000 });
  const first = (await ask()) as Attestation;
  t.like(await ask(), { cached: true });
  clock.now = (first.claims?.exp as number) * 1000;
  await ask();
  t.is(asked.state().asked, 2);
});

function pemOf(one: ReturnType<typeof createSigner>): string {
  return one.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
