import test from 'ava';
import { Registry } from 'prom-client';
import { addIssuerMetrics } from '../../src/operate/issuer-metrics.ts';
import type { IssuerState } from '../../src/operate/states.ts';

const corp: IssuerState = {
  ...{ issuer: 'corp', iss: 'https://login.example.com', knownFor: 900, keys: true, keyAge: 12.5 },
  ...{ answered: true, maxKeyAge: 86_400, fetches: 3, failures: 0, bulkhead: { waiting: 0, refused: 0 } },
  ...{ reason: '', failure: undefined, failingSince: undefined },
};
const failing = { reason: 'keys_unavailable', failure: 'ECONNREFUSED', failingSince: 1_700_000_000_000 };
const asked = {
  asked: 9,
  answered: true,
  failures: 0,
  underWay: 2,
  mostUnderWay: 64,
  open: false,
  failure: undefined,
};

/** The values of one metric, by the name of the issuer. */
async function read(states: readonly IssuerState[], name: string): Promise<Record<string, number>> {
  const registry = new Registry();
  addIssuerMetrics(registry, () => states);
  const { values = [] } = (await registry.getSingleMetric(name)?.get()) ?? {};
  return Object.fromEntries(values.map(({ labels, value }) => [labels.issuer, value]));
}

test('issuer metrics – an issuer is up until its keys or its answers fail', async (t) => {
  const states: IssuerState[] = [
    corp,
    { ...corp, issuer: 'late', ...failing },
    { ...corp, issuer: 'asked', keys: false, asked },
    { ...corp, issuer: 'kept-out', keys: false, asked: { ...asked, open: true } },
  ];
  const up = { corp: 1, late: 0, asked: 1, 'kept-out': 0 };
  t.deepEqual(await read(states, 'peerproof_issuer_up'), up);
  t.deepEqual(await read(states, 'peerproof_issuer_breaker_open'), { asked: 0, 'kept-out': 1 });
  t.deepEqual(await read(states, 'peerproof_issuer_requests_in_flight'), { asked: 2, 'kept-out': 2 });
  const limit = await read(states, 'peerproof_issuer_requests_in_flight_limit');
  t.deepEqual(limit, { asked: 64, 'kept-out': 64 });
});

test('issuer metrics – an issuer has answered or never did, and has no series until it is asked', async (t) => {
  const states: IssuerState[] = [
    corp,
    { ...corp, issuer: 'silent', answered: false },
    { ...corp, issuer: 'not-asked', answered: undefined },
  ];
  t.deepEqual(await read(states, 'peerproof_issuer_answered'), { corp: 1, silent: 0 });
});

test('issuer metrics – the time of the first failure, and 0 without one', async (t) => {
  const states = [corp, { ...corp, issuer: 'late', ...failing }];
  const since = await read(states, 'peerproof_issuer_failing_since_timestamp_seconds');
  t.deepEqual(since, { corp: 0, late: 1_700_000_000 });
});

test('issuer metrics – the age of keys stays there in an outage, also if they were never fetched', async (t) => {
  const states: IssuerState[] = [
    corp,
    { ...corp, issuer: 'late', ...failing, keyAge: undefined },
    { ...corp, issuer: 'asked', keys: false, keyAge: undefined, maxKeyAge: undefined, asked },
  ];
  t.deepEqual(await read(states, 'peerproof_jwks_age_seconds'), { corp: 12.5, late: 900 });
  t.deepEqual(await read(states, 'peerproof_jwks_max_age_seconds'), { corp: 86_400, late: 86_400 });
});

test('issuer metrics – checks that wait, and those that found no place, by issuer', async (t) => {
  const states = [{ ...corp, bulkhead: { waiting: 250, refused: 7_000 } }];
  t.deepEqual(await read(states, 'peerproof_checks_waiting'), { corp: 250 });
  t.deepEqual(await read(states, 'peerproof_checks_shed_total'), { corp: 7_000 });
});

test('issuer metrics – the name is the label, and one series joins it with the URL', async (t) => {
  const registry = new Registry();
  addIssuerMetrics(registry, () => [corp]);
  const text = await registry.metrics();
  t.regex(text, /^peerproof_issuer_info\{issuer="corp",url="https:\/\/login\.example\.com"\} 1$/m);
  t.is(text.split('login.example.com').length, 2);
});

test('issuer metrics – requests by kind and outcome begin at 0, and have a duration', async (t) => {
  const registry = new Registry();
  const ended = addIssuerMetrics(registry, () => [corp])('corp', 'introspection');
  const series = 'peerproof_issuer_requests_total{issuer="corp",kind="introspection"';
  const before = await registry.metrics();
  for (const outcome of ['answered', 'failed']) t.true(before.includes(`${series},outcome="${outcome}"} 0`));
  ended('failed', 0.3);
  ended('answered', 0.02);
  ended('answered', 0.02);
  const after = await registry.metrics();
  t.true(after.includes(`${series},outcome="failed"} 1`));
  t.true(after.includes(`${series},outcome="answered"} 2`));
  t.true(after.includes('duration_seconds_bucket{le="0.025",issuer="corp",kind="introspection"} 2'));
  t.true(after.includes('duration_seconds_count{issuer="corp",kind="introspection"} 3'));
});
