import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { authorizerCluster } from '../support/envoy-ext-authz.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type JwksServer, startJwksServer } from '../support/jwks-server.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, received, type Send, startMesh } from '../support/mesh.ts';
import {
  authorizerOf,
  doorOf,
  EVERY_HEADER,
  HTTP_DOOR,
  sidecarListener,
  TRANSPORTS,
  type Transport,
} from '../support/transports.ts';

/**
 * Denials and outages hold, whatever Envoy would do about an authorizer that fails. Over HTTP it takes every 5xx for a
 * failed authorizer, which obeys `failure_mode_allow` (Istio's failOpen) and `status_on_error`; every other answer but
 * 200 is a denial in any case, so that is what an outage is there.
 */

/** Less than `checkTimeout`. Peerproof keeps a tenth of it for the way back, which a busy machine needs. */
const ENVOY_TIMEOUT_MS = 4_000;
const FETCH_TIMEOUT_MS = 5_000;
const OUTAGE = { grpc: 503, http: 429 };

/** Each transport, with and without `failure_mode_allow`. */
const listeners = TRANSPORTS.flatMap((transport) => [
  { name: `closed-${transport}`, transport, failureModeAllow: false },
  { name: `open-${transport}`, transport, failureModeAllow: true },
]);

let mesh: Mesh;
let dead: JwksServer;
const stranger = createSigner('ES256');

test.before(async () => {
  if (!hasEnvoy) return;
  dead = await startJwksServer();
  await dead.stop();
  mesh = await startMesh({
    config: ({ issuer }) => ({
      http: HTTP_DOOR,
      issuers: {
        corp: {
          issuer: issuer.issuer,
          audiences: ['orders'],
          coolDown: '0ms',
          timeout: `${FETCH_TIMEOUT_MS}ms`,
        },
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
      const timeoutMs = ENVOY_TIMEOUT_MS;
      const down = (transport: Transport, statusOnError?: number) => ({
        ...sidecarListener(transport, parts),
        name: `down-${transport}${statusOnError ?? ''}`,
        extAuthz: authorizerOf(transport, [dead.port], {
          timeoutMs,
          ...(statusOnError && { statusOnError }),
        }),
      });
      return [
        ...listeners.map(({ name, transport, failureModeAllow }) => ({
          ...sidecarListener(transport, parts, { timeoutMs, failureModeAllow, ...every(transport) }),
          name,
          mtls: parts.tls('orders'),
        })),
        { ...sidecarListener('http1', parts, { timeoutMs, statusOnError: 503 }), name: 'status' },
        ...TRANSPORTS.flatMap((transport) => [down(transport), down(transport, 503)]),
      ];
    },
  });
});

/** Over gRPC a check has every header anyway. */
const every = (transport: Transport) => (doorOf(transport) === 'http' ? EVERY_HEADER : {});

test.after.always(async () => {
  await mesh?.stop();
  await dead?.stop();
});

const forgeries = [
  ['x-auth-request-user', 'forged'],
  ['x_auth_request_user', 'forged'],
  ['x-spiffe-id', 'forged'],
] as const;

/** How many checks of one listener came to this, as Envoy counts them. */
async function counted(listener: string, name: string): Promise<number> {
  return mesh.envoy.stat(`cluster.${authorizerCluster(listener)}.${name}`);
}

/** Asserts that Envoy took no answer of ours for a failure. */
async function assertNoFailure(t: ExecutionContext, listener: string) {
  const stats = await mesh.envoy.admin('/stats?filter=ext_authz');
  t.notRegex(stats, /\.(error|failure_mode_allowed|timeout): [1-9]/);
  for (const name of [
    'upstream_rq_5xx',
    'upstream_rq_timeout',
    'upstream_rq_tx_reset',
    'upstream_rq_rx_reset',
  ])
    t.is(await counted(listener, name), 0, name);
}

for (const { name: listener, transport } of listeners) {
  envoyTest(`${listener}: denials are enforced`, async (t) => {
    const before = mesh.app.seen;
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
        t.is((await mesh.send(listener, { ...send, protocol, headers: forgeries })).status, status);
    t.is(mesh.app.seen, before);
    await assertNoFailure(t, listener);
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
      t.is(mesh.decisionOf(answer).effect, 'deny', title);
    }
    for (const [path, statuses] of [
      ['/caf\xe9\xff', [400]],
      [`/${'x'.repeat(50_000)}`, [400, 401]],
      [`/?${'x'.repeat(50_000)}`, [400, 401]],
    ] as const) {
      const { status } = await mesh.send(listener, { who: 'client', path });
      t.true((statuses as readonly number[]).includes(status), `${path.slice(0, 20)}: ${status}`);
    }
    t.is(mesh.app.seen, before);
    if (doorOf(transport) === 'http') t.true((await counted(listener, 'upstream_rq_4xx')) > 10);
    await assertNoFailure(t, listener);
  });
}

/** Everybody is kept out, and the log knows why. */
async function assertOutage(t: ExecutionContext, listener: string, token: string, door: 'grpc' | 'http') {
  const seen = mesh.app.seen;
  const lines = [];
  for (const protocol of ['h1', 'h2'] as const) {
    const answer = await mesh.send(listener, { who: 'client', protocol, token, headers: forgeries });
    t.is(answer.status, OUTAGE[door], answer.body);
    t.regex(answer.header('retry-after') ?? '', /^[1-9]\d?$/);
    t.is(answer.header('www-authenticate'), undefined);
    t.is(answer.json().error, 'temporarily_unavailable');
    const line = mesh.decisionOf(answer);
    t.like(line, { effect: 'unavailable', subject: undefined, door });
    lines.push(line);
  }
  t.is(mesh.app.seen, seen);
  return lines;
}

const answering = [
  ...listeners.map(({ name, transport }) => ({ listener: name, door: doorOf(transport) })),
  { listener: 'status', door: 'http' as const },
];
for (const { listener, door } of answering) {
  envoyTest(
    `${listener}: an issuer that was never reached keeps its tokens out, and no others`,
    async (t) => {
      const lines = await assertOutage(t, listener, mesh.mint({ iss: dead.issuer }), door);
      for (const { reason } of lines) t.is(reason, 'issuer_unavailable');
      for (const protocol of ['h1', 'h2'] as const) {
        const send = { who: 'client', protocol, token: mesh.mint(), headers: forgeries } as const;
        const other = await mesh.send(listener, send);
        t.is(other.status, 200);
        t.deepEqual(received(other, 'x-auth-request-user'), ['alice']);
        t.false(other.body.includes('forged'));
      }
      await assertNoFailure(t, listener);
    },
  );
}

envoyTest('an issuer that hangs: we answer before Envoy gives up, through each listener', async (t) => {
  const { issuer } = mesh;
  issuer.behave(issuer.paths.jwks, { kind: 'hang' });
  try {
    const token = mesh.mint({}, { kid: stranger.kid }, stranger);
    // All together, because each answer takes nearly as long as Envoy is patient.
    const outages = answering.map(({ listener, door }) => assertOutage(t, listener, token, door));
    // The answer is ours: Envoy's own answer to an authorizer that is late has another status.
    for (const { reason } of (await Promise.all(outages)).flat())
      t.regex(reason, /^(deadline_exceeded|issuer_unavailable)$/);
    for (const { listener } of answering) {
      // Tokens whose key is known are not held up by it.
      const { status, body } = await mesh.send(listener, { who: 'client', token: mesh.mint() });
      t.is(status, 200, `${listener}: ${body}`);
      await assertNoFailure(t, listener);
    }
  } finally {
    issuer.behave(issuer.paths.jwks, { kind: 'ok' });
  }
});

envoyTest('a client can neither shorten nor lengthen what Envoy says of its patience', async (t) => {
  const { issuer, peerproof } = mesh;
  // A fetch of the tests before must have ended: who asks during it waits only for what is left of it.
  await sleep(FETCH_TIMEOUT_MS + 500);
  issuer.behave(issuer.paths.jwks, { kind: 'hang' });
  try {
    for (const patience of ['1', '600000']) {
      const headers = [['x-envoy-expected-rq-timeout-ms', patience]] as const;
      const token = mesh.mint({}, { kid: `${stranger.kid}-${patience}` }, stranger);
      const before = peerproof.decisions().length;
      t.is((await mesh.send('closed-http1', { who: 'client', token, headers })).status, 429);
      const { duration_us } = peerproof.decisions()[before];
      t.true(duration_us > ENVOY_TIMEOUT_MS * 800, `${patience}: ${duration_us}`);
      await sleep(FETCH_TIMEOUT_MS - ENVOY_TIMEOUT_MS + 500);
    }
    t.is(await counted('closed-http1', 'upstream_rq_timeout'), 0);
  } finally {
    issuer.behave(issuer.paths.jwks, { kind: 'ok' });
  }
});

envoyTest('when the issuer is back, the same token is accepted: no outage is remembered', async (t) => {
  const { issuer } = mesh;
  const token = mesh.mint({}, { kid: stranger.kid }, stranger);
  issuer.behave(issuer.paths.jwks, { kind: 'hang' });
  t.is((await mesh.send('open-grpc-hash', { who: 'client', token })).status, 503);
  issuer.setKeys([mesh.signer, stranger]);
  issuer.behave(issuer.paths.jwks, { kind: 'ok' });
  let status = 0;
  // A fetch that hangs is under way until its own timeout.
  for (let attempt = 0; attempt < 5 && status !== 200; attempt++)
    status = (await mesh.send('open-grpc-hash', { who: 'client', token })).status;
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

for (const transport of TRANSPORTS)
  envoyTest(`${transport}: Peerproof is down: nobody passes`, async (t) => {
    const before = mesh.app.seen;
    for (const protocol of ['h1', 'h2'] as const)
      for (const send of [{}, { token: mesh.mint() }] as const)
        for (const [listener, status] of [
          [`down-${transport}`, 403],
          [`down-${transport}503`, 503],
        ] as const)
          t.is((await mesh.send(listener, { who: 'client', protocol, ...send })).status, status);
    t.is(mesh.app.seen, before);
  });

envoyTest('each hung check says so, and none is left in flight', async (t) => {
  const reasons = mesh.peerproof.decisions().map(({ reason }) => reason);
  t.true(reasons.includes('deadline_exceeded'));
  t.is(await mesh.peerproof.metric('peerproof_checks_in_flight'), 0);
  for (const door of ['grpc', 'http']) {
    const labels = { effect: 'unavailable', door };
    t.true((await mesh.peerproof.metric('peerproof_decisions_total', labels)) >= 12, door);
  }
});

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
