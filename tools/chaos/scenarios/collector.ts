import { type OtlpCollector, startOtlpCollector } from '../../../test/support/otlp-collector.ts';
import { waitFor } from '../../../test/support/wait.ts';
import type { Mend, Scenario, Stage } from '../scenario.ts';

/** Spans and metrics cannot be sent. Checks must continue, and nothing may pile up. */

const dropped = 'peerproof_spans_dropped_total{cause="export"}';

function collectorFails(what: string, fail: (collector: OtlpCollector) => Promise<Mend> | Mend): Scenario {
  let collector: OtlpCollector | undefined;
  return {
    name: `collector of telemetry ${what}`,
    world: {
      async config(_, usual) {
        collector = await startOtlpCollector();
        const traces = { sample: 1, maxPerSecond: 10_000 };
        const telemetry = { endpoint: collector.url, timeout: '1s', traces, metrics: { every: '1s' } };
        return { ...usual, telemetry };
      },
      onStop: () => void collector?.stop(),
    },
    fault: () => {
      if (!collector) throw new TypeError('the world has no collector');
      return fail(collector);
    },
    observe: async ({ world, note }: Stage) => {
      const lost = await world.peerproof.metric(dropped);
      const failed = await world.peerproof.metric('peerproof_metric_exports_failed_total');
      const lines = (await world.peerproof.log()).split('"event":"telemetry_unavailable"').length - 1;
      note(`${lost} spans and ${failed} exports of metrics were lost, and ${lines} lines say so`);
      return [
        lost === 0 && `${dropped} is 0`,
        failed === 0 && 'no export of metrics has failed',
        lines > 2 && `${lines} lines in the log`,
      ];
    },
    lasts: 6_000,
    recovers: 0,
    async after({ world }) {
      const exported = () => world.peerproof.metric('peerproof_spans_exported_total');
      const before = await exported();
      await waitFor('spans that arrive again', 5_000, async () => (await exported()) > before);
      return [];
    },
  };
}

export const collectorScenarios: readonly Scenario[] = [
  collectorFails('is stopped', async (collector) => {
    await collector.stop();
    let again: OtlpCollector | undefined;
    return async () => {
      again = await startOtlpCollector(collector.port);
      collector.stop = again.stop;
    };
  }),
  collectorFails('hangs', (collector) => {
    collector.manner = 'hang';
    return () => {
      collector.manner = 'take';
    };
  }),
];
