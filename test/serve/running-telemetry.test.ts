import test from 'ava';
import { Registry } from 'prom-client';
import { parseConfig } from '../../src/config/load.ts';
import type { Decision } from '../../src/core/decision.ts';
import { RunningTelemetry } from '../../src/serve/running-telemetry.ts';
import { evidenceFor } from '../support/check-world.ts';
import { startOtlpCollector } from '../support/otlp-collector.ts';

const load = (telemetry?: object) =>
  parseConfig(JSON.stringify({ rules: [{ name: 'all', public: true }], telemetry }), 'a.yaml');
const on = load({ endpoint: 'http://127.0.0.1:9', traces: {} });
const off = load();

function create(): RunningTelemetry {
  return new RunningTelemetry({
    ...{ registry: new Registry(), node: 'here', traces: true },
    log: undefined as never,
  });
}

test('exports – a configuration without them wins over one whose SDK is still being loaded', async (t) => {
  const telemetry = create();
  const loading = telemetry.adopt(on);
  await telemetry.adopt(off);
  await loading;
  t.is(telemetry.followFor(on), undefined);
  await telemetry.adopt(on);
  t.truthy(telemetry.followFor(on));
  await telemetry.close();
});

test('exports – an end soon after a reload sends the spans of the configuration before', async (t) => {
  const collector = await startOtlpCollector();
  t.teardown(collector.stop);
  const before = load({ endpoint: collector.url, traces: { sample: 1 } });
  const telemetry = create();
  await telemetry.adopt(before);
  const decision = { id: 'a', effect: 'allow', reason: 'allowed', found: {} } as unknown as Decision;
  telemetry.followFor(before)?.(evidenceFor({}), 'grpc', undefined)?.decided(decision);
  await telemetry.adopt(off);
  await telemetry.close();
  t.is(collector.spans.length, 1);
});
