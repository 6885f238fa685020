import { readFileSync } from 'node:fs';
import { mock } from 'node:test';
import test, { type ExecutionContext } from 'ava';
import { DependencyError } from '../../src/core/denial.ts';
import { createBundles } from '../../src/serve/trust-bundles.ts';
import { EndpointBundle } from '../../src/sources/trust-bundle-endpoint.ts';
import type { RunningBundle } from '../../src/sources/trust-bundle-state.ts';
import { createCa } from '../support/ca.ts';
import { type Behaviour, startJwksServer } from '../support/jwks-server.ts';
import { waitFor } from '../support/wait.ts';

const [one, two] = [await createCa({ name: 'O=one' }), await createCa({ name: 'O=two' })];
const web = await createCa({ name: 'O=web' });
const tls = await web.server();
const entry = ({ certPem }: { certPem: string }) => ({
  use: 'x509-svid',
  kty: 'EC',
  x5c: [certPem.replace(/-----.*?-----|\s/g, '')],
});
const names = (bundle: RunningBundle, now: number) =>
  bundle
    .current(now)
    .list.map(({ x509 }) => x509.subject)
    .join();
const unavailable = (t: ExecutionContext, bundle: RunningBundle, now: number, why: RegExp) => {
  const error = t.throws(() => bundle.current(now), { instanceOf: DependencyError });
  t.is(error.reason, 'bundle_unavailable');
  t.regex(error.message, why);
};

/** An endpoint on the network. Its refresh is far away: a test fetches again by `refetch`. */
async function world(
  t: ExecutionContext,
  before?: (path: string) => Behaviour,
  { ca = web.certPem, timeout = 30_000, trustDomain = 'cluster.local' } = {},
) {
  const server = await startJwksServer({ tls, issuerPath: '/spiffe' });
  server.setKeys([entry(one)]);
  const behave = (behaviour: Behaviour) => server.behave(server.paths.jwks, behaviour);
  if (before) behave(before(server.paths.jwks));
  const clock = { now: 1_000_000 };
  const reports: (string | undefined)[] = [];
  const bundle = createBundles(
    {
      [trustDomain]: {
        bundleEndpoint: server.jwksUri,
        ca: 'web.pem',
        timeout,
        keep: 7_200_000,
        allowInsecureHttp: false,
      },
      'other.example': null,
    },
    {
      files: new Map([['web.pem', ca]]),
      resolve: (path) => path,
      clock: () => clock.now,
      report: (_, failure) => reports.push(failure),
    },
  ).get(trustDomain);
  if (!bundle) throw new TypeError('no bundle');
  t.teardown(async () => {
    bundle.stop();
    await server.stop();
  });
  await bundle.start();
  return { server, bundle, clock, reports, behave, refetch: () => bundle.start() };
}

test('bundle endpoint – is asked over https with its own CA, and not without it (SPIFFE Federation §5.2.1)', async (t) => {
  const { bundle, clock, reports } = await world(t);
  t.is(names(bundle, clock.now), 'O=one');
  t.like(bundle.state(), { trustDomain: 'cluster.local', authorities: 1, age: 0, fetches: 1, failures: 0 });
  t.deepEqual(reports, [undefined]);
  const foreign = await world(t, undefined, { ca: one.certPem });
  unavailable(t, foreign.bundle, foreign.clock.now, /was never fetched: .*(certificate|signature|issuer)/);
});

test('bundle endpoint – a new authority counts, an old one no longer, and the same ones keep what they proved', async (t) => {
  const { server, bundle, clock, refetch } = await world(t);
  const first = bundle.current(clock.now);
  await refetch();
  t.is(bundle.current(clock.now), first);
  server.setKeys([entry(one), { use: 'jwt-svid', kty: 'EC', kid: 'a' }, entry(two)]);
  await refetch();
  t.is(names(bundle, clock.now), 'O=one,O=two');
  server.setKeys([entry(two)]);
  await refetch();
  t.is(names(bundle, clock.now), 'O=two');
});

test('bundle endpoint – the document of SPIRE (recorded from SPIRE 1.16)', async (t) => {
  const text = readFileSync(new URL('../fixtures/spire/bundle.spiffe.json', import.meta.url), 'utf8');
  const recorded = () => ({ kind: 'body', body: text }) as const;
  const { bundle, clock } = await world(t, recorded, { trustDomain: 'democluster.internal' });
  t.regex(names(bundle, clock.now), /^C=US\nO=SPIFFE\nserialNumber=79081278881149011881071336214117056849$/);
  const other = await world(t, recorded);
  unavailable(t, other.bundle, other.clock.now, /another trust domain: "spiffe:\/\/democluster\.internal"/);
});

const target = 'http://169.254.169.254/latest/meta-data';
for (const [what, behaviour, why] of [
  ['500', { kind: 'status', status: 500, body: 'secret trace' }, /answered 500/],
  ['a redirect', { kind: 'redirect', location: target }, /answered 302/],
  ['HTML', { kind: 'body', body: '<html>' }, /not JSON/],
  ['another document', { kind: 'body', body: '{"jwks":[]}' }, /not a SPIFFE bundle/],
  ['an empty bundle', { kind: 'body', body: '{"keys":[]}' }, /no usable X.509 authority/],
  [
    'a bundle without a CA',
    { kind: 'body', body: '{"keys":[{"use":"x509-svid","x5c":["AAAA"]}]}' },
    /no usable X.509 authority in it: the ASN.1 cannot be read/,
  ],
  ['50 MB', { kind: 'huge', bytes: 50_000_000 }, /524288 bytes|too large|aborted/],
  ['a slow drip', { kind: 'drip', everyMs: 40 }, /no answer within 3000 ms|aborted/],
  ['silence', { kind: 'hang' }, /no answer within 3000 ms/],
  ['a cut connection', { kind: 'reset' }, /./],
] as [string, Behaviour, RegExp][])
  test(`bundle endpoint – ${what} is an outage at the start, and changes nothing later`, async (t) => {
    // One that is silent is given up, but not before a busy machine has answered the first time.
    const timeout = ['hang', 'drip'].includes(behaviour.kind) ? 3_000 : 30_000;
    const failing = await world(t, () => behaviour, { timeout });
    unavailable(t, failing.bundle, failing.clock.now, why);
    t.notRegex(failing.bundle.state().failure ?? '', /secret trace/);
    const { bundle, behave, clock, refetch, reports } = await world(t, undefined, { timeout });
    behave(behaviour);
    await refetch();
    t.is(names(bundle, clock.now), 'O=one');
    t.like(bundle.state(), { fetches: 2, failures: 1 });
    t.regex(reports.at(-1) ?? '', why);
  });

test('bundle endpoint – kept while it is down until `keep`, then an outage, and back when it is', async (t) => {
  const { server, bundle, clock, refetch } = await world(t);
  const since = clock.now;
  await server.down();
  await refetch();
  t.is(names(bundle, since + 7_200_000), 'O=one');
  unavailable(t, bundle, since + 7_200_001, /is too old: .*ECONNREFUSED/);
  clock.now = since + 7_200_001;
  // That check began an attempt, which must not be the one that is waited for below.
  await refetch();
  await server.up();
  await refetch();
  t.is(names(bundle, clock.now), 'O=one');
});

test('bundle endpoint – one that is down at the start is tried again by itself', async (t) => {
  const { server, bundle, clock, behave } = await world(t, () => ({ kind: 'status', status: 503 }));
  unavailable(t, bundle, clock.now, /answered 503/);
  behave({ kind: 'ok' });
  await waitFor('the bundle', 5_000, () => bundle.state().authorities === 1);
  t.is(server.count(server.paths.jwks), 2);
});

test('bundle endpoint – many attempts at once are one', async (t) => {
  const { server, bundle, behave } = await world(t);
  behave({ kind: 'late', ms: 100 });
  await Promise.all(Array.from({ length: 20 }, () => bundle.start()));
  t.is(server.count(server.paths.jwks), 2);
});

/** How long it waits after each of these answers, in seconds. */
async function pauses(answers: readonly (number | undefined | Error)[], keep: number): Promise<number[]> {
  const left = [...answers];
  const timers = mock.method(globalThis, 'setTimeout', () => ({ unref: () => undefined }));
  const fetch = async () => {
    const hint = left.shift();
    if (hint instanceof Error) throw hint;
    return { keys: [entry(one)], spiffe_refresh_hint: hint };
  };
  const bundle = new EndpointBundle({ trustDomain: 'x', fetch, clock: () => 0, keep, report: () => {} });
  try {
    while (left.length > 0) await bundle.start();
    return timers.mock.calls.map(({ arguments: [, pause] }) => (pause as number) / 1000);
  } finally {
    timers.mock.restore();
    bundle.stop();
  }
}

test.serial(
  'bundle endpoint – asks again when the bundle says, within 10 s and an hour (Trust Domain and Bundle §4.1.2)',
  async (t) => {
    const down = new Error('down');
    const day = 86_400_000;
    t.deepEqual(await pauses([undefined, 60, 1, 2_592_000], day), [300, 60, 10, 3600]);
    t.deepEqual(await pauses([60, down, down, down, 60], day), [60, 1, 2, 4, 60]);
    t.deepEqual(await pauses(Array(8).fill(down), day), [1, 2, 4, 8, 16, 30, 30, 30]);
    t.deepEqual(await pauses([10, down, down, down, down, down], day), [10, 1, 2, 4, 8, 10]);
    t.deepEqual(await pauses([3600], 600_000), [300], 'twice within keep');
  },
);
