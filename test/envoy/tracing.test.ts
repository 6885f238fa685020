import test from 'ava';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, startMesh } from '../support/mesh.ts';
import { type OtlpCollector, type ReceivedSpan, startOtlpCollector } from '../support/otlp-collector.ts';
import { waitFor } from '../support/wait.ts';

/** The span of a check joins the trace of Envoy, below the span that Envoy makes for its call to Peerproof. */

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const clientSpan = 'b7ad6b7169203331';

let collector: OtlpCollector;
let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  collector = await startOtlpCollector();
  mesh = await startMesh({
    config: () => ({
      http: { xfcc: 'direct' },
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [{ name: 'public', match: { paths: ['/public'] }, public: true }, { name: 'rest' }],
      // Without a parent there is no span, so that each span here has the parent that Envoy named.
      telemetry: { endpoint: collector.url, traces: { sample: 0 } },
    }),
    listeners: (parts) => {
      const common = {
        mtls: parts.tls('orders', { requireClientCertificate: false }),
        upstream: { port: parts.app.port },
      };
      const always = { port: collector.port, share: 100 };
      const grpc = { grpc: parts.authorizer, includePeerCertificate: true };
      return [
        { name: 'grpc', ...common, tracing: always, extAuthz: grpc },
        { name: 'http', ...common, tracing: always, extAuthz: { http: { ports: [parts.httpPort] } } },
        { name: 'never', ...common, tracing: { ...always, share: 0 }, extAuthz: grpc },
        { name: 'off', ...common, extAuthz: grpc },
      ];
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
  await collector?.stop();
});

/** The spans of one request, once the check and all that stand above it have arrived. */
async function traceOf(decisionId: string): Promise<Record<'check' | 'call' | 'request', ReceivedSpan>> {
  const { spans } = collector;
  const above = ({ traceId: trace, parentSpanId }: ReceivedSpan) =>
    spans.find((span) => span.traceId === trace && span.spanId === parentSpanId);
  return waitFor('the spans have arrived', 10_000, () => {
    const check = spans.find((span) => span.attributes['peerproof.decision_id'] === decisionId);
    const call = check && above(check);
    const request = call && above(call);
    return request && { check, call, request };
  });
}

/** A request for the public rule. @returns the ID of its decision */
async function send(listener: string, flags?: string): Promise<string> {
  const known = mesh.peerproof.decisions().length;
  const headers =
    flags === undefined ? [] : [['traceparent', `00-${traceId}-${clientSpan}-${flags}`] as const];
  await mesh.send(listener, { path: '/public', headers });
  return mesh.peerproof.decisions()[known].decision_id;
}

for (const listener of ['grpc', 'http'])
  envoyTest(
    `tracing – over ${listener}, a check is a child of the call that Envoy makes for it`,
    async (t) => {
      const { check, call, request } = await traceOf(await send(listener));
      t.is(check.kind, 'SPAN_KIND_SERVER');
      t.is(call.kind, 'SPAN_KIND_CLIENT');
      t.regex(call.name, /^async .* egress$/);
      t.is(call.resource['service.name'], 'envoy');
      t.is(request.name, 'ingress');
      t.is(request.parentSpanId, '');
      // All three clocks are the same.
      t.true(call.start < check.start && check.end < call.end);
    },
  );

for (const listener of ['grpc', 'http'])
  envoyTest(`tracing – over ${listener}, the trace of a client goes on through Envoy`, async (t) => {
    const { check, call, request } = await traceOf(await send(listener, '01'));
    t.is(check.traceId, traceId);
    t.is(request.parentSpanId, clientSpan);
    t.is(check.parentSpanId, call.spanId);
  });

envoyTest('tracing – an Envoy without tracing leaves the parent of the client', async (t) => {
  const id = await send('off', '01');
  const check = await waitFor('the span has arrived', 10_000, () =>
    collector.spans.find((span) => span.attributes['peerproof.decision_id'] === id),
  );
  t.deepEqual([check.traceId, check.parentSpanId], [traceId, clientSpan]);
});

envoyTest('tracing – what is not sampled, and what is malformed, makes no span', async (t) => {
  const ids = [
    await send('never'),
    await send('never', '01'),
    await send('off', '00'),
    await send('off', 'FF'),
  ];
  // Spans are sent in order, so a later one shows that these were not made.
  const last = await send('off', '01');
  const found = (id: string) =>
    collector.spans.some((span) => span.attributes['peerproof.decision_id'] === id);
  await waitFor('the last span has arrived', 10_000, () => found(last));
  t.deepEqual(ids.filter(found), []);
});
