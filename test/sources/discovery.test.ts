import test from 'ava';
import { discoverJwksUri, metadataUrls } from '../../src/sources/discovery.ts';
import { mayBeAsked } from '../../src/sources/https-only.ts';
import { type Behaviour, startJwksServer } from '../support/jwks-server.ts';

const options = { timeout: 20_000, maxBytes: 10_000 };
const loopbackOnly = (url: URL) => mayBeAsked(url, false);

const wellKnown: [issuer: string, openid: string, oauth: string][] = [
  [
    'https://a.example',
    'https://a.example/.well-known/openid-configuration',
    'https://a.example/.well-known/oauth-authorization-server',
  ],
  [
    'https://a.example/',
    'https://a.example/.well-known/openid-configuration',
    'https://a.example/.well-known/oauth-authorization-server',
  ],
  [
    'https://a.example/realms/one',
    'https://a.example/realms/one/.well-known/openid-configuration',
    'https://a.example/.well-known/oauth-authorization-server/realms/one',
  ],
  [
    'https://a.example:8443/realms/one/',
    'https://a.example:8443/realms/one/.well-known/openid-configuration',
    'https://a.example:8443/.well-known/oauth-authorization-server/realms/one',
  ],
];
for (const [issuer, ...expected] of wellKnown)
  test(`discovery – where the metadata of ${issuer} lies (OIDC Discovery §4.1, RFC 8414 §3.1)`, (t) => {
    t.deepEqual(
      metadataUrls(issuer).map(({ href }) => href),
      expected,
    );
  });

for (const issuerPath of ['', '/', '/realms/one', '/realms/one/'])
  test(`discovery – finds the keys of an issuer with path ${JSON.stringify(issuerPath)}`, async (t) => {
    const server = await startJwksServer({ issuerPath });
    t.teardown(() => server.stop());
    const found = await discoverJwksUri(server.issuer, loopbackOnly, options);
    t.is(found.href, server.jwksUri);
    t.is(server.count(server.paths.oauth), 0);
  });

test('discovery – RFC 8414 where OIDC has no answer (RFC 8414 §5)', async (t) => {
  const server = await startJwksServer({ issuerPath: '/tenant' });
  t.teardown(() => server.stop());
  server.behave(server.paths.openid, { kind: 'status', status: 404 });
  t.is((await discoverJwksUri(server.issuer, loopbackOnly, options)).href, server.jwksUri);
  t.is(server.count(server.paths.oauth), 1);
});

const wrongDocuments: [string, Record<string, unknown>, RegExp][] = [
  ['of another issuer', { issuer: 'https://evil.example' }, /another issuer/],
  ['of an issuer with a slash more', { issuer: 'SLASH' }, /another issuer/],
  ['without issuer', { issuer: undefined }, /another issuer/],
  ['with a list as issuer', { issuer: ['x'] }, /another issuer/],
  ['without jwks_uri', { jwks_uri: undefined }, /no usable jwks_uri/],
  ['with a number as jwks_uri', { jwks_uri: 7 }, /no usable jwks_uri/],
  ['with a relative jwks_uri', { jwks_uri: '/jwks' }, /no usable jwks_uri/],
  ['with plain http to another machine', { jwks_uri: 'http://keys.example.com/jwks' }, /must be https/],
  ['with the metadata address of a cloud', { jwks_uri: 'http://169.254.169.254/latest' }, /must be https/],
  [
    'with an address that only looks like this machine',
    { jwks_uri: 'http://127.0.0.1.evil.example/' },
    /must be https/,
  ],
  [
    'with a user that looks like this machine',
    { jwks_uri: 'http://127.0.0.1@evil.example/' },
    /must be https/,
  ],
  ['with a file', { jwks_uri: 'file:///etc/passwd' }, /must be https/],
  ['with data', { jwks_uri: 'data:application/json,{"keys":[]}' }, /must be https/],
];
for (const [title, members, message] of wrongDocuments)
  test(`discovery – refuses metadata ${title} (RFC 8414 §3.3)`, async (t) => {
    const server = await startJwksServer();
    t.teardown(() => server.stop());
    server.setDiscovery(members.issuer === 'SLASH' ? { issuer: `${server.issuer}/` } : members);
    await t.throwsAsync(discoverJwksUri(server.issuer, loopbackOnly, options), { message });
    t.is(server.count(server.paths.jwks), 0);
  });

const failures: [string, Behaviour, RegExp][] = [
  ['500', { kind: 'status', status: 500 }, /answered 500/],
  ['204', { kind: 'status', status: 204 }, /answered 204/],
  ['HTML', { kind: 'body', body: '<html>login</html>', contentType: 'text/html' }, /not JSON/],
  ['nothing', { kind: 'body', body: '' }, /not JSON/],
  ['a redirect', { kind: 'redirect', location: 'http://169.254.169.254/' }, /answered 302/],
  ['a megabyte', { kind: 'huge', bytes: 1_000_000 }, /10000 bytes|aborted/],
  ['a cut connection', { kind: 'reset' }, /./],
  ['JSON that is null', { kind: 'body', body: 'null' }, /no metadata/],
  ['JSON that is a text', { kind: 'body', body: '"x"' }, /no metadata/],
];
for (const [title, behaviour, message] of failures)
  test(`discovery – ${title} at both places is a failure, and is told`, async (t) => {
    const server = await startJwksServer();
    t.teardown(() => server.stop());
    for (const path of [server.paths.openid, server.paths.oauth]) server.behave(path, behaviour);
    await t.throwsAsync(discoverJwksUri(server.issuer, loopbackOnly, options), { message });
    t.is(server.count(server.paths.jwks), 0);
  });

const asked: [string, boolean, boolean][] = [
  ['https://login.example.com', true, true],
  ['https://127.0.0.1', true, true],
  ['http://localhost:8080/', true, true],
  ['http://127.0.0.1:8080/', true, true],
  ['http://127.9.9.9/', true, true],
  ['http://[::1]:8080/', true, true],
  ['http://login.example.com', false, true],
  ['http://localhost.evil.example', false, true],
  ['http://127.0.0.1.evil.example', false, true],
  ['http://10.0.0.1', false, true],
  ['http://0.0.0.0', false, true],
  ['http://[::]', false, true],
  ['ftp://localhost/', false, false],
  ['file:///keys', false, false],
];
for (const [url, plainly, byName] of asked)
  test(`https only – ${url} may ${plainly ? '' : byName ? 'only by allowInsecureHttp ' : 'never '}be asked`, (t) => {
    t.is(mayBeAsked(new URL(url), false), plainly);
    t.is(mayBeAsked(new URL(url), true), byName);
  });
