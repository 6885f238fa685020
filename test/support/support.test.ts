import { X509Certificate } from 'node:crypto';
import test from 'ava';
import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { createCa, urlEncodePem } from './ca.ts';
import { startJwksServer } from './jwks-server.ts';
import { createSigner, type SignerAlgorithm } from './jwt-signer.ts';
import { startOidcProvider } from './oidc-provider.ts';
import { startProcess } from './processes.ts';

const ID = 'spiffe://cluster.local/ns/applications/sa/oauthclient';

test('test support – ca: a leaf like SPIRE makes it, and odd ones', async (t) => {
  const ca = await createCa();
  const root = new X509Certificate(ca.certPem);
  const svid = await ca.svid(ID);
  const leaf = new X509Certificate(svid.certPem);
  t.true(leaf.verify(root.publicKey));
  t.false(leaf.ca);
  t.is(leaf.subjectAltName, `URI:${ID}`);
  t.is(leaf.fingerprint256.replaceAll(':', '').toLowerCase(), svid.sha256Hex);
  t.is(decodeURIComponent(svid.urlEncodedPem), svid.certPem);
  t.regex(urlEncodePem('a b+c/d=\n'), /^a%20b%2Bc%2Fd%3D%0A$/);

  const odd = await ca.svid(ID, { uris: [ID, 'spiffe://other/\0;URI=spiffe://x'], keyType: 'ed25519' });
  t.true(odd.der.includes(Buffer.from('spiffe://other/\0;URI=spiffe://x', 'latin1')));
  const expired = await ca.svid(ID, {
    notBefore: new Date(Date.now() - 7_200_000),
    notAfter: new Date(Date.now() - 3_600_000),
    isCa: true,
  });
  t.true(new X509Certificate(expired.certPem).ca);
  t.true(new Date(new X509Certificate(expired.certPem).validTo).getTime() < Date.now());
  const below = await ca.intermediate();
  t.true(
    new X509Certificate((await below.server()).certPem).verify(new X509Certificate(below.chainPem).publicKey),
  );
});

test('test support – processes: a child ends with stop, also one that ignores SIGTERM', async (t) => {
  const child = await startProcess({
    name: 'stubborn',
    command: process.execPath,
    args: ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.error('up')"],
    ready: (running) => running.stderr().includes('up'),
    endWithinMs: 200,
  });
  t.deepEqual(await child.stop(), { code: null, signal: 'SIGKILL' });
  await t.throwsAsync(
    startProcess({
      name: 'early',
      command: process.execPath,
      args: ['-e', "console.error('no luck'); process.exit(3)"],
      ready: () => false,
    }),
    { message: /early ended early \(3\)[\s\S]*no luck/ },
  );
});

test('test support – jwt-signer: jose accepts what it signs', async (t) => {
  const algorithms: SignerAlgorithm[] = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];
  for (const alg of algorithms) {
    const signer = createSigner(alg);
    const keys = createLocalJWKSet({ keys: [{ kty: '', ...signer.publicJwk }] });
    const { payload } = await jwtVerify(signer.sign({ sub: alg }), keys);
    t.is(payload.sub, alg);
  }
});

test('test support – jwks-server: serves, counts, fails as told, goes down and comes up', async (t) => {
  const signer = createSigner('ES256');
  const server = await startJwksServer({ signers: [signer], issuerPath: '/tenant/' });
  // A connection of an earlier request may end at any time.
  const get = (url: string, more: RequestInit = {}) =>
    fetch(url, { ...more, headers: { connection: 'close' } });
  try {
    const discovered = (await (await get(`${server.issuer}.well-known/openid-configuration`)).json()) as {
      issuer: string;
      jwks_uri: string;
    };
    t.is(discovered.issuer, server.issuer);
    const keys = createRemoteJWKSet(new URL(discovered.jwks_uri));
    t.is((await jwtVerify(signer.sign({ iss: server.issuer }), keys)).payload.iss, server.issuer);
    t.is(server.count(server.paths.jwks), 1);
    server.behave(server.paths.jwks, { kind: 'huge', bytes: 3_000_000 });
    t.true((await (await get(server.jwksUri)).arrayBuffer()).byteLength > 3_000_000);
    server.behave(server.paths.jwks, { kind: 'drip', everyMs: 50 });
    await t.throwsAsync(get(server.jwksUri, { signal: AbortSignal.timeout(200) }).then((a) => a.text()));
    server.behave(server.paths.jwks, { kind: 'reset' });
    await t.throwsAsync(get(server.jwksUri));
    await server.down();
    await t.throwsAsync(get(server.jwksUri));
    await server.up();
    server.behave(server.paths.jwks, { kind: 'status', status: 500 });
    t.is((await get(server.jwksUri)).status, 500);
  } finally {
    await server.stop();
  }
});

test('test support – oidc-provider: access tokens as RFC 9068 and RFC 8705 want them', async (t) => {
  const ca = await createCa();
  const svid = await ca.svid(ID);
  const orders = 'https://orders.example.com';
  const provider = await startOidcProvider({
    ca,
    clients: [
      { clientId: 'bound', boundTokens: true, claims: { tenant: 'blue' } },
      { clientId: 'plain', scope: 'orders.read' },
    ],
    resources: {
      [orders]: { audience: 'orders', scope: 'orders.read orders.write', alg: 'ES256' },
      'https://short.example.com': { scope: 'orders.read', ttl: 1 },
      'https://opaque.example.com': { scope: 'orders.read', format: 'opaque' },
    },
  });
  try {
    const token = await provider.token({
      clientId: 'bound',
      resource: orders,
      scope: 'orders.write',
      certificate: svid,
    });
    t.like(decodeProtectedHeader(token), { alg: 'ES256', typ: 'at+jwt', kid: provider.signers.ES256.kid });
    t.like(decodeJwt(token), {
      iss: provider.issuer,
      aud: 'orders',
      scope: 'orders.write',
      client_id: 'bound',
      sub: 'bound',
      tenant: 'blue',
      cnf: { 'x5t#S256': svid.thumbprint },
    });
    await jwtVerify(token, createLocalJWKSet({ keys: [{ kty: '', ...provider.signers.ES256.publicJwk }] }));
    await t.throwsAsync(provider.token({ clientId: 'bound', resource: orders }), { message: /400/ });

    const plain = decodeJwt(
      await provider.token({ clientId: 'plain', resource: 'https://short.example.com' }),
    );
    t.is(plain.cnf, undefined);
    t.is((plain.exp ?? 0) - (plain.iat ?? 0), 1);

    const opaque = await provider.token({
      clientId: 'bound',
      resource: 'https://opaque.example.com',
      scope: 'orders.read',
      certificate: svid,
    });
    t.false(opaque.includes('.'));
    t.like(await provider.introspect('plain', opaque), {
      active: true,
      client_id: 'bound',
      cnf: { 'x5t#S256': svid.thumbprint },
    });
    t.like(await provider.introspect('plain', 'nonsense'), { active: false });
  } finally {
    await provider.stop();
  }
});
