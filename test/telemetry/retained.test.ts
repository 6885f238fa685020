import test from 'ava';
import { Registry } from 'prom-client';
import type { Decision } from '../../src/core/decision.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { decodeCheckRequest } from '../../src/grpc/decode-request.ts';
import { randomId } from '../../src/lib/uuid.ts';
import { addSpanCounters } from '../../src/telemetry/counters.ts';
import { openTelemetry } from '../../src/telemetry/open.ts';
import { checkMethod } from '../../tools/protocol.ts';
import { keptByEach } from '../support/heap.ts';
import { startOtlpCollector } from '../support/otlp-collector.ts';

/** A parent is a slice of its message, and an ID one of a text with 128 IDs. A span must not hold them. */
test('spans that wait – hold nothing of the messages that they came from', async (t) => {
  const messages = 400;
  const collector = await startOtlpCollector();
  collector.manner = 'hang';
  t.teardown(collector.stop);
  const telemetry = openTelemetry(
    {
      ...{ endpoint: collector.url, headerFiles: {}, timeout: 5_000, resource: {} },
      traces: { sample: 0, maxPerSecond: 10_000 },
    },
    { files: new Map(), log: undefined as never, node: 'here', spans: addSpanCounters(new Registry()) },
  );
  t.teardown(() => telemetry.close(0));
  const follow = telemetry.followWith?.({ version: 'v', omit: [], public: true });
  const check = (n: number): void => {
    const headers = {
      traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${String(n).padStart(16, '1')}-01`,
      tracestate: `vendor=value-of-${n}`,
      filler: 'x'.repeat(60_000),
    };
    const http = { method: 'GET', path: '/a', host: 'a.test', headers };
    const bytes = checkMethod.requestSerialize({ attributes: { request: { http } } });
    // Other checks take the other IDs of a block.
    const [id] = Array.from({ length: 128 }, randomId);
    const found = { rule: { name: 'orders' } };
    const decision = { ...{ id, found }, effect: 'allow', reason: 'allowed' } as unknown as Decision;
    follow?.(evidenceOf(decodeCheckRequest(bytes)), 'grpc', undefined)?.decided(decision);
  };
  const kept = keptByEach(messages, check);
  t.true(kept < 4_000, `${kept} bytes of heap for each span`);
});
