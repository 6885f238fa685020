import test from 'ava';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type JwksServer, startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, received, routes, startMesh } from '../support/mesh.ts';

/** Denials and outages hold whatever Envoy would do about an authorizer that fails. */

const ENVOY_TIMEOUT_MS = 2_000;

let mesh: Mesh;
let dead: JwksServer;
const signer = createSigner('ES256');

test.before(async () => {
  if (!hasEnvoy) return;
  dead = await startJwksServer();
  await dead.stop();
  mesh = await startMesh({
    config: ({ issuer }) => ({
      issuers: {
        corp: { issuer: issuer.issuer, audiences: ['orders'], coolDown: '0ms', timeout: '2500ms' },
        dead: { issuer: dead.issuer, audiences: ['orders'] },
      },
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'scoped', match: { paths: ['/scoped'] }, require: { scopes: ['special'] } },
        { name: 'rest' },
      ],
    }),
    listeners: (parts) =>
      [false, true].flatMap((failureModeAllow) =>
        [true, false].map((includePeerCertificate) => ({
          name: `${failureModeAllow ? 'open' : 'closed'}-${includePeerCertificate ? 'certificate' : 'hash'}`,
          mtls: parts.tls('orders'),
          upstream: { port: parts.app.port },
          routes: routes(parts),
          extAuthz: {
            grpc: parts.authorizer,
            istioPair: true,
            timeoutMs: ENVOY_TIMEOUT_MS,
            failureModeAllow,
            includePeerCertificate,
          },
        })),
      ),
  });
});

test.after.always(async () => {
  await mesh?.stop();
  await dead?.stop();
});

const forgeries = [
  ['x-auth-request-user', 'forged'],
  ['x_auth_request_user', 'forged'],
  ['x-spiffe-id', 'forged'],
] as const;

async function failures(): Promise<number> {
  const stat = (name: string) => mesh.envoy.stat(`http.ext_authz.peerproof.${name}`);
  const names = mesh.envoy.admin('/stats?filter=ext_authz');
  const lines = (await names)
    .split('\n')
    .filter((line) => /\.(error|failure_mode_allowed|timeout): [1-9]/.test(line));
  return lines.length + (await stat('error'));
}

for (const listener of ['closed-certificate', 'closed-hash', 'open-certificate', 'open-hash']) {
  envoyTest(`${listener}: denials are enforced`, async (t) => {
    const before = mesh.app.seen;
    const headers = forgeries;
    t.is((await mesh.send(listener, { who: 'client', headers })).status, 401);
    t.is((await mesh.send(listener, { who: 'thief', token: mesh.mint(), headers })).status, 401);
    t.is((await mesh.send(listener, { who: 'foreign', token: mesh.mint(), headers })).status, 403);
    const scoped = { who: 'client', path: '/scoped', token: mesh.mint(), headers } as const;
    t.is((await mesh.send(listener, scoped)).status, 403);
    t.is((await mesh.send(listener, { who: 'client', token: '..', headers })).status, 401);
    t.is(
      (await mesh.send(listener, { who: 'client', path: '//x', token: mesh.mint(), headers })).status,
      400,
    );
    t.is(mesh.app.seen, before);
    t.is(await failures(), 0, 'Envoy took an answer for a failure');
  });

  envoyTest(`${listener}: a request that is hard to describe is denied all the same`, async (t) => {
    const before = mesh.app.seen;
    const odd: Record<string, [string, string][]> = {
      'bytes that are not UTF-8': [['x-odd', '\xff\xfe\xc0\xaf']],
      'an Authorization of such bytes': [['authorization', 'Bearer \xff']],
      'a large header': [['x-odd', 'x'.repeat(50_000)]],
      'a large token': [['authorization', `Bearer ${'x'.repeat(50_000)}`]],
      'many headers': Array.from({ length: 90 }, (_, n) => [`x-odd-${n}`, 'x']),
      'a large XFCC': [['x-forwarded-client-cert', `By=${'x'.repeat(40_000)}`]],
    };
    for (const [title, headers] of Object.entries(odd)) {
      const answer = await mesh.send(listener, { who: 'client', headers });
      t.true([400, 401, 403].includes(answer.status), `${title}: ${answer.status}`);
      t.is(mesh.decisionOf(answer).effect, 'deny', title);
    }
    const path = await mesh.send(listener, { who: 'client', path: '/caf\xe9\xff' });
    t.is(path.status, 400);
    t.is(mesh.app.seen, before);
    t.is(await failures(), 0, 'Envoy took an answer for a failure');
  });

  envoyTest(`${listener}: an issuer that was never reached: 503, and the others work`, async (t) => {
    for (const protocol of ['h1', 'h2'] as const) {
      const before = mesh.app.seen;
      const token = mesh.mint({ iss: dead.issuer });
      const answer = await mesh.send(listener, { who: 'client', protocol, token, headers: forgeries });
      t.is(answer.status, 503, answer.body);
      t.regex(answer.header('retry-after') ?? '', /^[1-9]\d?$/);
      t.is(answer.header('www-authenticate'), undefined);
      t.is(answer.json().error, 'temporarily_unavailable');
      t.like(mesh.decisionOf(answer), {
        effect: 'unavailable',
        reason: 'issuer_unavailable',
        subject: undefined,
      });
      t.is(mesh.app.seen, before);

      const other = await mesh.send(listener, {
        who: 'client',
        protocol,
        token: mesh.mint(),
        headers: forgeries,
      });
      t.is(other.status, 200);
      t.deepEqual(received(other, 'x-auth-request-user'), ['alice']);
      t.false(other.body.includes('forged'));
    }
    t.is(await failures(), 0, 'Envoy took an answer for a failure');
  });

  envoyTest(`${listener}: an issuer that hangs during the check: 503 before Envoy gives up`, async (t) => {
    const { issuer, app } = mesh;
    issuer.behave(issuer.paths.jwks, { kind: 'hang' });
    const before = app.seen;
    const token = mesh.mint({}, { kid: signer.kid }, signer);
    const began = Date.now();
    const answer = await mesh.send(listener, { who: 'client', token, headers: forgeries });
    t.true(Date.now() - began < ENVOY_TIMEOUT_MS, `${Date.now() - began} ms`);
    t.is(answer.status, 503, answer.body);
    t.regex(answer.header('retry-after') ?? '', /^[1-9]\d?$/);
    t.regex(mesh.decisionOf(answer).reason, /^(deadline_exceeded|issuer_unavailable)$/);
    t.is(app.seen, before);
    // Tokens whose key is known are not held up by it.
    const known = await mesh.send(listener, { who: 'client', token: mesh.mint() });
    t.is(known.status, 200);
    t.is(await failures(), 0, 'Envoy took an answer for a failure');
  });
}

envoyTest('when the issuer is back, the same token is accepted: no outage is remembered', async (t) => {
  const { issuer } = mesh;
  const token = mesh.mint({}, { kid: signer.kid }, signer);
  t.is((await mesh.send('open-hash', { who: 'client', token })).status, 503);
  issuer.setKeys([mesh.signer, signer]);
  issuer.behave(issuer.paths.jwks, { kind: 'ok' });
  let status = 0;
  // A fetch that hangs is under way until its own timeout.
  for (let attempt = 0; attempt < 5 && status !== 200; attempt++)
    status = (await mesh.send('open-hash', { who: 'client', token })).status;
  t.is(status, 200);
});

envoyTest('no client can make its own check too large to be asked about', async (t) => {
  const config = { grpc: { maxMessageBytes: 1_024 }, rules: [{ name: 'all' }] };
  const small = await startMesh({
    config: () => config,
    listeners: (parts) => [
      {
        name: 'open',
        upstream: { port: parts.app.port },
        extAuthz: { grpc: parts.authorizer, failureModeAllow: true },
      },
    ],
  }).catch((error: Error) => error);
  // To refuse such a configuration is as good: Envoy alone lets 60 KiB of headers through.
  if (small instanceof Error) {
    t.regex(small.message, /maxMessageBytes/);
    return;
  }
  try {
    const headers = [['x-odd', 'x'.repeat(4_000)], ...forgeries] as const;
    const answer = await small.send('open', { plain: true, headers });
    t.is(answer.status, 401);
  } finally {
    await small.stop();
  }
});

envoyTest('each hung check says so, and none is left in flight', async (t) => {
  const reasons = mesh.peerproof.decisions().map(({ reason }) => reason);
  t.true(reasons.includes('deadline_exceeded'));
  t.is(await mesh.peerproof.metric('peerproof_checks_in_flight'), 0);
  t.true((await mesh.peerproof.metric('peerproof_decisions_total', { effect: 'unavailable' })) >= 12);
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
