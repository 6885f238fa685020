import test from 'ava';
import { type App, startApp } from '../support/app.ts';
import { request } from '../support/client.ts';
import { type Envoy, type HttpListener, startEnvoy } from '../support/envoy.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type Peerproof, startPeerproof } from '../support/peerproof.ts';

/**
 * Envoys whose virtual host `status.example.com` leads to an application that is open to anyone, and every other host to
 * one that is closed (attacks 20). Whatever a client writes as Host, both must choose the same application.
 */

/** What is said about the proxy. */
const settings = {
  unsaid: {},
  exact: { ignorePort: false, ignoreTrailingDot: false },
  ports: { ignorePort: true, ignoreTrailingDot: false },
} as const;
type Setting = keyof typeof settings;

/** What the proxy does. */
const proxies: Readonly<Record<string, { setting: Setting; envoy: Partial<HttpListener> }>> = {
  'exact, unsaid': { setting: 'unsaid', envoy: {} },
  exact: { setting: 'exact', envoy: {} },
  'ignores ports, unsaid': { setting: 'unsaid', envoy: { ignorePortInHostMatching: true } },
  'ignores ports': { setting: 'ports', envoy: { ignorePortInHostMatching: true } },
  // What Envoy strips, it strips before it asks: of `a..` and `a:1:1` a dot and a port are left, and count for it.
  'strips ports': { setting: 'unsaid', envoy: { stripAnyHostPort: true } },
  'strips both': { setting: 'unsaid', envoy: { stripAnyHostPort: true, stripTrailingHostDot: true } },
};

let status: App;
let rest: App;
let envoy: Envoy;
const peerproofs = {} as Record<Setting, Peerproof>;
const cleanups: (() => unknown)[] = [];

test.before(async () => {
  if (!hasEnvoy) return;
  status = await startApp();
  cleanups.push(status.stop);
  rest = await startApp();
  cleanups.push(rest.stop);
  for (const [name, hosts] of Object.entries(settings)) {
    const peerproof = await startPeerproof({
      issuers: { corp: { issuer: 'https://login.example.com', audiences: ['x'], jwks: { keys: [key] } } },
      hosts,
      rules: [
        { name: 'status', match: { hosts: ['status.example.com'] }, public: true },
        { name: 'closed', require: { binding: ['certificate'] } },
      ],
    });
    cleanups.push(peerproof.drain);
    peerproofs[name as Setting] = peerproof;
  }
  envoy = await startEnvoy({
    listeners: Object.entries(proxies).map(([name, { setting, envoy: options }]) => ({
      name,
      upstream: { port: rest.port },
      virtualHosts: [{ domains: ['status.example.com'], upstream: { port: status.port } }],
      extAuthz: { grpc: { ports: [peerproofs[setting].grpcPort] }, failureModeAllow: true },
      ...options,
    })),
  });
  cleanups.push(envoy.stop);
});

test.after.always(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Verifies nothing here: no token is ever sent. */
const key = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  kid: 'a',
  alg: 'ES256',
};

type Outcome = 'served by status' | 'token_missing' | 'no_rule';

async function ask(proxy: string, host: string, protocol: 'h1' | 'h2' = 'h1') {
  const { setting } = proxies[proxy] as (typeof proxies)[string];
  const before = [status.seen, rest.seen, peerproofs[setting].decisions().length] as const;
  const answer = await request(
    { port: envoy.port(proxy), protocol },
    { path: '/x', headers: [['host', host]] },
  );
  const lines = peerproofs[setting].decisions().slice(before[2]);
  return { answer, line: lines[0], toStatus: status.seen - before[0], toRest: rest.seen - before[1] };
}

const table: Readonly<Record<string, Readonly<Record<string, Outcome>>>> = {
  'exact, unsaid': {
    'status.example.com': 'served by status',
    'STATUS.Example.COM': 'served by status',
    'status.example.com:666': 'no_rule',
    'status.example.com.': 'no_rule',
    'STATUS.example.com.:80': 'no_rule',
    'other.example.com': 'token_missing',
    'other.example.com:666': 'token_missing',
  },
  exact: {
    'status.example.com': 'served by status',
    'STATUS.Example.COM': 'served by status',
    'status.example.com:666': 'token_missing',
    'status.example.com.': 'token_missing',
    'STATUS.example.com.:80': 'token_missing',
    'other.example.com:666': 'token_missing',
  },
  'ignores ports, unsaid': {
    'status.example.com:666': 'no_rule',
    'status.example.com.': 'no_rule',
  },
  'ignores ports': {
    'status.example.com': 'served by status',
    'STATUS.Example.COM:666': 'served by status',
    'status.example.com:99999': 'served by status',
    'status.example.com.': 'token_missing',
    'status.example.com.:80': 'token_missing',
  },
  'strips ports': {
    'status.example.com:666': 'served by status',
    'status.example.com.': 'no_rule',
    'status.example.com.:80': 'no_rule',
  },
  'strips both': {
    'status.example.com:666': 'served by status',
    'status.example.com.': 'served by status',
    'STATUS.example.com.:80': 'served by status',
    'other.example.com.:80': 'token_missing',
    'status.example.com..': 'no_rule',
  },
};

for (const [proxy, hosts] of Object.entries(table))
  for (const protocol of ['h1', 'h2'] as const)
    envoyTest(`${proxy}, ${protocol} – the rule is that of the application which Envoy chose`, async (t) => {
      for (const [host, expected] of Object.entries(hosts)) {
        const { answer, line, toStatus, toRest } = await ask(proxy, host, protocol);
        t.is(toRest, 0, `${host} reached the closed application`);
        t.is(toStatus, expected === 'served by status' ? 1 : 0, `${host}: ${answer.status} ${answer.body}`);
        t.is(line.reason, expected === 'served by status' ? 'public' : expected, `${host}: ${line.detail}`);
      }
    });

envoyTest('the log says what to set', async (t) => {
  const { line } = await ask('exact, unsaid', 'status.example.com:666');
  t.is(
    line.detail,
    'GET status.example.com:666 /x; the rule status would match without the port :666: set hosts.ignorePort if the proxy ignores the port',
  );
  const dotted = await ask('exact, unsaid', 'status.example.com.');
  t.regex(
    dotted.line.detail,
    /the rule status would match without the final dot: set hosts\.ignoreTrailingDot/,
  );
});

/** Spellings of one host that differ in what a reader may drop; no invariant but one: the closed application stays closed. */
const spellings = ['status.example.com', 'Status.Example.Com'].flatMap((name) =>
  [
    '',
    '.',
    '..',
    ':',
    ':0',
    ':80',
    ':080',
    ':443',
    ':666',
    ':65536',
    ':99999',
    ':123456',
    ':-1',
    ':+80',
    ':8x',
    ':80:80',
  ].flatMap((tail) => [`${name}${tail}`, `${name}.${tail}`]),
);
for (const proxy of Object.keys(proxies))
  envoyTest(`${proxy} – no spelling of the open host leads to the closed application`, async (t) => {
    for (const host of spellings) {
      const { toRest } = await ask(proxy, host).catch(() => ({ toRest: 0 }));
      t.is(toRest, 0, host);
    }
  });
