import test from 'ava';
import { httpCheck } from '../support/check-client.ts';
import { openWorld } from './world.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const proxySpan = '00f067aa0ba902b7';
const clientSpan = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${proxySpan}-01`;
const all = { traces: { sample: 1 } };

test('span – a check is a server span with the facts of its decision and its steps', async (t) => {
  const { client, collector, peerproof, token } = await openWorld(t, all);
  const before = Date.now();
  await client.check(httpCheck(token));
  await peerproof.drain();
  const after = Date.now();
  const [span, ...others] = collector.spans;
  t.is(others.length, 0);
  const [line] = peerproof.decisions();
  t.is(span?.name, 'peerproof.check');
  t.is(span?.kind, 'SPAN_KIND_SERVER');
  t.deepEqual(span?.attributes, {
    'peerproof.decision_id': line.decision_id,
    'peerproof.effect': 'allow',
    'peerproof.reason': 'allowed',
    'peerproof.rule': 'any-bearer',
    'peerproof.issuer': line.issuer,
    'peerproof.token_kind': 'access-token',
    'peerproof.cache_hit': false,
    'peerproof.door': 'grpc',
    'peerproof.config_version': line.config_version,
    'peerproof.bound_by': 'none',
  });
  t.deepEqual(
    span?.events.map(({ name }) => name),
    ['rule_found', 'token_verified', 'binding_proved', 'requirements_met', 'identity_made'],
  );
  t.is(span?.status.code, 'STATUS_CODE_UNSET');
  const times = [
    before - 1,
    span?.start,
    ...(span?.events ?? []).map(({ time }) => time),
    span?.end,
    after + 1,
  ];
  t.deepEqual(
    times,
    times.toSorted((a = 0, b = 0) => a - b),
  );
  t.is(span?.resource['service.name'], 'peerproof');
  t.is(span?.resource['telemetry.sdk.language'], 'nodejs');
});

test('span – a denial is no error, and an outage is one', async (t) => {
  const { client, collector, peerproof } = await openWorld(t, all, {
    issuers: { down: { issuer: 'http://127.0.0.1:9', audiences: ['orders'] } },
  });
  await client.check(httpCheck());
  await client.check(
    httpCheck('eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwOi8vMTI3LjAuMC4xOjkifQ.AAAA'),
  );
  await peerproof.drain();
  const [denied, failed] = collector.spans;
  t.is(denied?.attributes['peerproof.reason'], 'token_missing');
  t.is(denied?.status.code, 'STATUS_CODE_UNSET');
  t.is(failed?.attributes['peerproof.effect'], 'unavailable');
  t.is(failed?.status.code, 'STATUS_CODE_ERROR');
  t.is(failed?.status.message, String(failed?.attributes['peerproof.reason']));
});

test('span – its parent is the span of the call, else that of the request', async (t) => {
  const { client, collector, peerproof } = await openWorld(t, { traces: { sample: 0 } });
  const request = httpCheck(undefined, { traceparent: `00-${traceId}-${clientSpan}-01` });
  await client.check(request, undefined, { traceparent, tracestate: 'a=1' });
  await client.check(request);
  await client.check(httpCheck());
  await client.check(httpCheck(), undefined, { traceparent: traceparent.replace(/01$/, '00') });
  await peerproof.drain();
  t.deepEqual(
    collector.spans.map((span) => [span.traceId, span.parentSpanId, span.traceState]),
    [
      [traceId, proxySpan, 'a=1'],
      [traceId, clientSpan, ''],
    ],
  );
});

test('span – a hostile parent makes none, and changes no answer', async (t) => {
  const { client, collector, peerproof, token } = await openWorld(t, { traces: { sample: 0 } });
  const hostile = [
    traceparent.toUpperCase(),
    `00-${'0'.repeat(32)}-${proxySpan}-01`,
    `ff-${traceId}-${proxySpan}-01`,
    `${traceparent}-`,
    '~'.repeat(60_000),
    [traceparent, traceparent],
  ];
  for (const value of hostile) {
    const answer = await client.check(httpCheck(token), undefined, { traceparent: value });
    t.truthy(answer.okResponse);
    t.truthy((await client.check(httpCheck(token, { traceparent: String(value) }))).okResponse);
  }
  const state = { traceparent, tracestate: '~'.repeat(60_000) };
  t.truthy((await client.check(httpCheck(token), undefined, state)).okResponse);
  await peerproof.drain();
  // The last parent is good, and its state is not.
  t.deepEqual(
    collector.spans.map((span) => [span.parentSpanId, span.traceState]),
    [[proxySpan, '']],
  );
});

test('span – a flood of sampled parents is bounded and counted', async (t) => {
  const { client, collector, peerproof } = await openWorld(t, { traces: { sample: 0, maxPerSecond: 5 } });
  const checks = Array.from({ length: 200 }, () => client.check(httpCheck(), undefined, { traceparent }));
  await Promise.all(checks);
  const dropped = await peerproof.metric('peerproof_spans_dropped_total', { cause: 'rate' });
  await peerproof.drain();
  t.true(collector.spans.length >= 5);
  t.is(collector.spans.length + dropped, 200);
  t.true(dropped > 0);
});

test('span – holds nothing that the log leaves out, and no secret', async (t) => {
  const { client, collector, peerproof, token } = await openWorld(t, all, {
    log: { omit: ['issuer', 'rule', 'door'], public: false },
  });
  await client.check(httpCheck(token, { cookie: 'cookie-secret', 'x-api-key': 'header-secret' }));
  const health = httpCheck();
  Object.assign(health.attributes?.request?.http ?? {}, { path: '/healthz?query-secret' });
  t.truthy((await client.check(health)).okResponse);
  await peerproof.drain();
  t.is(collector.spans.length, 1);
  const [span] = collector.spans;
  for (const field of ['issuer', 'rule', 'door']) t.false(`peerproof.${field}` in (span?.attributes ?? {}));
  const text = JSON.stringify(collector.spans);
  for (const secret of [...token.split('.'), 'alice', 'secret', 'app.test']) t.false(text.includes(secret));
});
