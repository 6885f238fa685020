import test from 'ava';
import { presets } from '../../src/core/identity/presets.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, received, startMesh } from '../support/mesh.ts';

/** In the place of an oauth2-proxy behind HTTP ext_authz, as in Kyma's tutorial: its headers and bodies, not its holes. */

const names = [...Object.keys(presets['oauth2-proxy']), 'authorization'];

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      http: {
        pathPrefix: '/check',
        xfcc: 'direct',
        forwardAuth: [{ path: '/oauth2/auth', proxies: ['127.0.0.1'], original: 'x-original' }],
      },
      identity: { preset: 'oauth2-proxy', passAccessToken: true, passAuthorization: true },
      peers: { trustDomains: { 'cluster.local': {} } },
      rules: [
        { name: 'public', match: { paths: ['/public'] }, public: true },
        { name: 'scoped', match: { paths: ['/scoped'] }, require: { scopes: ['x'], binding: ['none'] } },
        { name: 'rest', require: { binding: ['none'] } },
      ],
    }),
    listeners: (parts) => [
      {
        name: 'kyma',
        mtls: parts.tls('orders', { requireClientCertificate: false }),
        upstream: { port: parts.app.port },
        extAuthz: kymaAuthorizer({
          ports: [parts.httpPort],
          pathPrefix: '/check',
          allowedUpstreamHeaders: names,
        }),
      },
    ],
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

envoyTest('the application gets the headers of oauth2-proxy, under both of their names', async (t) => {
  const claims = {
    email: 'a@b.example',
    email_verified: true,
    groups: ['ops', 'dev'],
    preferred_username: 'al',
  };
  const token = mesh.mint(claims);
  for (const protocol of ['h1', 'h2'] as const) {
    const answer = await mesh.send('kyma', { who: 'client', protocol, token });
    t.is(answer.status, 200, answer.body);
    const wanted: Record<string, string> = {
      'x-auth-request-user': 'alice',
      'x-auth-request-email': 'a@b.example',
      'x-auth-request-groups': 'ops,dev',
      'x-auth-request-preferred-username': 'al',
      'x-auth-request-access-token': token,
      'x-forwarded-user': 'alice',
      'x-forwarded-email': 'a@b.example',
      'x-forwarded-groups': 'ops,dev',
      'x-forwarded-preferred-username': 'al',
      'x-forwarded-access-token': token,
      'gap-auth': 'a@b.example',
      authorization: `Bearer ${token}`,
    };
    for (const [name, value] of Object.entries(wanted)) t.deepEqual(received(answer, name), [value], name);
    t.is(answer.json().path.split('?')[0], '/', 'the body of the check goes nowhere');
  }
});

envoyTest('without an address the user stands in, as with oauth2-proxy', async (t) => {
  const answer = await mesh.send('kyma', { token: mesh.mint() });
  for (const name of ['x-auth-request-email', 'x-forwarded-email', 'gap-auth'])
    t.deepEqual(received(answer, name), ['alice'], name);
});

envoyTest('its headers cannot be forged either', async (t) => {
  const forged = names.filter((name) => !name.endsWith('cert') && name !== 'authorization');
  const headers = forged.flatMap((name): [string, string][] => [
    [name, 'forged'],
    [name.replaceAll('-', '_'), 'forged'],
  ]);
  for (const protocol of ['h1', 'h2'] as const)
    for (const send of [
      { token: mesh.mint() },
      { path: '/public' },
      { path: '/public', token: mesh.mint() },
    ]) {
      const answer = await mesh.send('kyma', { protocol, headers, ...send });
      t.is(answer.status, 200, answer.body);
      t.false(/forged/.test(answer.body), answer.body);
    }
});

const refusals: [title: string, claims: object | undefined, path: string, status: number][] = [
  ['no token', undefined, '/', 401],
  ['an expired token', { exp: 1 }, '/', 401],
  ['an address that is not verified', { email: 'a@b.example', email_verified: false }, '/', 401],
  ['a scope that is missing', {}, '/scoped', 403],
  ['no token where oauth2-proxy has a page', undefined, '/ping', 401],
  ['no token where oauth2-proxy signs in', undefined, '/oauth2/sign_in', 401],
  ['no token where oauth2-proxy is asked', undefined, '/oauth2/auth', 401],
  ['no token at its static files', undefined, '/oauth2/static/x', 401],
  ['no token at /robots.txt', undefined, '/robots.txt', 401],
];
for (const [title, claims, path, status] of refusals)
  envoyTest(`refused with an empty object: ${title}`, async (t) => {
    const before = mesh.app.seen;
    const headers = [
      ['x-original-uri', '/public'],
      ['x-original-method', 'GET'],
      ['x-original-host', 'app.test'],
    ] as const;
    for (const protocol of ['h1', 'h2'] as const) {
      const answer = await mesh.send('kyma', {
        protocol,
        path,
        headers,
        ...(claims && { token: mesh.mint({ ...claims }) }),
      });
      t.is(answer.status, status);
      t.is(answer.body, '{}');
      t.is(answer.header('content-type'), 'application/json');
      t.is(answer.header('x-auth-request-user'), undefined);
      t.like(mesh.peerproof.decisions().at(-1), { effect: 'deny', door: 'http' });
    }
    t.is(mesh.app.seen, before);
  });

envoyTest('a path that can be read in two ways is refused here too', async (t) => {
  for (const path of ['//', '/oauth2/auth;x', '//ping'])
    t.is((await mesh.send('kyma', { path, token: mesh.mint() })).status, 400, path);
});

envoyTest('who sends the token makes no difference where nothing binds it', async (t) => {
  for (const who of ['client', 'thief', undefined] as const) {
    const answer = await mesh.send('kyma', { who, token: mesh.mint() });
    t.is(answer.status, 200);
    t.deepEqual(received(answer, 'x-spiffe-id'), who ? [IDS[who]] : []);
  }
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
