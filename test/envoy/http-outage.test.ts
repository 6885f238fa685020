import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { authorizerCluster } from '../support/envoy-ext-authz.ts';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type JwksServer, startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, type Send, startMesh } from '../support/mesh.ts';

/**
 * Denials and outages through HTTP ext_authz. Envoy takes every 5xx for a failed authorizer, which obeys
 * `failure_mode_allow` (Istio's failOpen) and `status_on_error`; every other answer but 200 is a denial in any case, so
 * that is what an outage is.
 */

const ENVOY_TIMEOUT_MS = 2_000;
const protocols = { h1: 'http1', h2c: 'http2' } as const;

let mesh: Mesh;
let dead: JwksServer;
const stranger = createSigner('ES256');

test.before(async () => {
  if (!hasEnvoy) return;
  dead = await startJwksServer();
  await dead.stop();
  mesh = await startMesh({
    config: ({ issuer }) => ({
      http: { pathPrefix: '/check', xfcc: 'direct' },
      issuers: {
        corp: { issuer: issuer.issuer, audiences: ['orders'], coolDown: '0ms', timeout: '4s' },
        dead: { issuer: dead.issuer, audiences: ['orders'] },
      },
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'scoped', match: { paths: ['/scoped'] }, require: { scopes: ['special'] } },
        { name: 'rest' },
      ],
    }),
    listeners: (parts) => {
      const common = { mtls: parts.tls('orders'), upstream: { port: parts.app.port } };
      const everything = { allowed_headers: { patterns: [{ safe_regex: { regex: '.*' } }] } };
      const http = { ports: [parts.httpPort], pathPrefix: '/check' };
      const timeoutMs = ENVOY_TIMEOUT_MS;
      return [
        ...Object.entries(protocols).flatMap(([name, protocol]) =>
          [false, true].map((failureModeAllow) => ({
            name: `${failureModeAllow ? 'open' : 'closed'}-${name}`,
            ...common,
            extAuthz: kymaAuthorizer(
              { ...http, protocol },
              { failureModeAllow, timeoutMs, extra: everything },
            ),
          })),
        ),
        { name: 'status', ...common, extAuthz: kymaAuthorizer(http, { statusOnError: 503, timeoutMs }) },
        { name: 'down', ...common, extAuthz: kymaAuthorizer({ ...http, ports: [dead.port] }, { timeoutMs }) },
        {
          name: 'down-status',
          ...common,
          extAuthz: kymaAuthorizer({ ...http, ports: [dead.port] }, { timeoutMs, statusOnError: 503 }),
        },
      ];
    },
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

/** What came of the checks of one listener, as Envoy counts them. */
async function counted(listener: string, name: string): Promise<number> {
  return mesh.envoy.stat(`cluster.${authorizerCluster(listener)}.${name}`);
}

const all = Object.keys(protocols).flatMap((name) => [`closed-${name}`, `open-${name}`]);
for (const listener of all) {
  envoyTest(`${listener}: denials are enforced`, async (t) => {
    const before = mesh.app.seen;
    const headers = forgeries;
    const sends: [Send, number][] = [
      [{ who: 'client' }, 401],
      [{ who: 'thief', token: mesh.mint() }, 401],
      [{ who: 'foreign', token: mesh.mint() }, 403],
      [{ who: 'client', path: '/scoped', token: mesh.mint() }, 403],
      [{ who: 'client', token: '..' }, 401],
      [{ who: 'client', path: '//x', token: mesh.mint() }, 400],
    ];
    for (const protocol of ['h1', 'h2'] as const)
      for (const [send, status] of sends)
        t.is((await mesh.send(listener, { ...send, protocol, headers })).status, status);
    t.is(mesh.app.seen, before);
  });

  envoyTest(`${listener}: a request that is hard to describe is denied all the same`, async (t) => {
    const before = mesh.app.seen;
    const odd: Record<string, [string, string][]> = {
      'bytes that are not UTF-8': [['x-odd', '\xff\xfe\xc0\xaf']],
      'an Authorization of such bytes': [['authorization', 'Bearer \xff']],
      'a large header': [['x-odd', 'x'.repeat(50_000)]],
      'a large token': [['authorization', `Bearer ${'x'.repeat(55_000)}`]],
      'many headers': Array.from({ length: 90 }, (_, n) => [`x-odd-${n}`, 'x']),
      'many cookies': Array.from({ length: 90 }, (_, n) => ['cookie', `c${n}=x`]),
      'a large XFCC': [['x-forwarded-client-cert', `By=${'x'.repeat(40_000)}`]],
      'what HTTP/2 does not know': [
        ['te', 'gzip'],
        ['proxy-connection', 'x'],
        ['upgrade', 'h2c'],
      ],
      'what asks for more': [
        ['expect', '100-continue'],
        ['range', 'bytes=0-1'],
        ['if-none-match', '*'],
      ],
    };
    for (const [title, headers] of Object.entries(odd)) {
      const answer = await mesh.send(listener, { who: 'client', headers });
      t.true([400, 401, 403].includes(answer.status), `${title}: ${answer.status}`);
      if (answer.status !== 400 || answer.body.startsWith('{'))
        t.is(mesh.decisionOf(answer).effect, 'deny', title);
    }
    for (const path of ['/caf\xe9\xff', `/${'x'.repeat(50_000)}`, `/?${'x'.repeat(50_000)}`]) {
      const answer = await mesh.send(listener, { who: 'client', path });
      t.true([400, 401].includes(answer.status), `${path.slice(0, 20)}: ${answer.status}`);
    }
    t.is(mesh.app.seen, before);
    t.true((await counted(listener, 'upstream_rq_4xx')) > 10);
    t.is(await counted(listener, 'upstream_rq_5xx'), 0);
    t.is(await counted(listener, 'upstream_rq_tx_reset'), 0);
    t.is(await counted(listener, 'upstream_rq_rx_reset'), 0);
  });
}

/** Everybody is kept out, and the log knows why. */
async function isOutage(t: ExecutionContext, listener: string, token: string, status: number) {
  const before = mesh.peerproof.decisions().length;
  const seen = mesh.app.seen;
  for (const protocol of ['h1', 'h2'] as const) {
    const answer = await mesh.send(listener, { who: 'client', protocol, token, headers: forgeries });
    t.is(answer.status, status, answer.body);
    t.regex(answer.header('retry-after') ?? '', /^[1-9]\d*$/);
    t.is(answer.json().error, 'temporarily_unavailable');
  }
  t.is(mesh.app.seen, seen);
  const lines = mesh.peerproof.decisions().slice(before);
  t.is(lines.length, 2);
  for (const line of lines) t.like(line, { effect: 'unavailable', subject: undefined, door: 'http' });
  return lines;
}

for (const [listener, status] of [
  ['closed-h1', 429],
  ['closed-h2c', 429],
  ['open-h1', 429],
  ['open-h2c', 429],
  ['status', 429],
] as const)
  envoyTest(
    `${listener}: an issuer that was never reached keeps its tokens out, and no others`,
    async (t) => {
      const lines = await isOutage(t, listener, mesh.mint({ iss: dead.issuer }), status);
      for (const { reason } of lines) t.is(reason, 'issuer_unavailable');
      t.is((await mesh.send(listener, { who: 'client', token: mesh.mint() })).status, 200);
    },
  );

for (const [listener, status] of [
  ['closed-h1', 429],
  ['closed-h2c', 429],
  ['open-h1', 429],
  ['open-h2c', 429],
  ['status', 429],
] as const)
  envoyTest(`${listener}: an issuer that hangs: we answer before Envoy gives up`, async (t) => {
    const { issuer } = mesh;
    issuer.behave(issuer.paths.jwks, { kind: 'hang' });
    try {
      const began = Date.now();
      const token = mesh.mint({}, { kid: stranger.kid }, stranger);
      const lines = await isOutage(t, listener, token, status);
      t.true(Date.now() - began < 2 * ENVOY_TIMEOUT_MS);
      // Envoy says how long it waits (x-envoy-expected-rq-timeout-ms), and we keep a tenth of it for the way back.
      for (const { reason, duration_us } of lines) {
        t.regex(reason, /^(deadline_exceeded|issuer_unavailable)$/);
        t.true(duration_us < ENVOY_TIMEOUT_MS * 1_000, `${duration_us}`);
      }
      t.is(await counted(listener, 'upstream_rq_timeout'), 0);
      const known = await mesh.send(listener, { who: 'client', token: mesh.mint() });
      t.is(known.status, 200);
    } finally {
      issuer.behave(issuer.paths.jwks, { kind: 'ok' });
    }
  });

envoyTest('a client can neither shorten nor lengthen what Envoy says of its patience', async (t) => {
  const { issuer, peerproof } = mesh;
  // A fetch of the tests before must have ended: who asks during it waits only for what is left of it.
  await sleep(4_500);
  issuer.behave(issuer.paths.jwks, { kind: 'hang' });
  try {
    for (const patience of ['1', '600000']) {
      const headers = [['x-envoy-expected-rq-timeout-ms', patience]] as const;
      const token = mesh.mint({}, { kid: `${stranger.kid}-${patience}` }, stranger);
      const before = peerproof.decisions().length;
      t.is((await mesh.send('closed-h1', { who: 'client', token, headers })).status, 429);
      const { duration_us } = peerproof.decisions()[before];
      t.true(duration_us > ENVOY_TIMEOUT_MS * 800, `${patience}: ${duration_us}`);
      t.true(duration_us < ENVOY_TIMEOUT_MS * 1_000, `${patience}: ${duration_us}`);
    }
    t.is(await counted('closed-h1', 'upstream_rq_timeout'), 0);
  } finally {
    issuer.behave(issuer.paths.jwks, { kind: 'ok' });
  }
});

envoyTest('Peerproof is down: nobody passes', async (t) => {
  const before = mesh.app.seen;
  for (const protocol of ['h1', 'h2'] as const)
    for (const send of [{}, { token: mesh.mint() }] as const) {
      t.is((await mesh.send('down', { who: 'client', protocol, ...send })).status, 403);
      t.is((await mesh.send('down-status', { who: 'client', protocol, ...send })).status, 503);
    }
  t.is(mesh.app.seen, before);
});

envoyTest(
  'none is left in flight, and the log holds no token, signature, certificate or query',
  async (t) => {
    t.is(await mesh.peerproof.metric('peerproof_checks_in_flight'), 0);
    assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
  },
);
