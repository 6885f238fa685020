import { fetchPage } from '../../../test/support/peerproof.ts';
import { floodDirectly } from '../direct.ts';
import type { Scenario } from '../scenario.ts';
import { stopReading } from '../stopped-clients.ts';

/** Scrapers ask for the metrics, and stop reading. Checks must not notice. */

/** Most of the connections of the admin port. */
const scrapers = 100;
const flood = 4_000;

export const scraperScenarios: readonly Scenario[] = [
  {
    name: `${scrapers} scrapers do not read, and ${flood} checks more`,
    async fault(stage) {
      const mend = stopReading(stage.world.peerproof.adminPort, '/metrics', scrapers);
      await floodDirectly(stage, flood, '/');
      return mend;
    },
    async observe({ world }) {
      const { adminPort } = world.peerproof;
      const [health, metrics] = await Promise.all(
        ['/healthz', '/metrics'].map((path) => fetchPage(adminPort, path)),
      );
      return [
        health?.status !== 200 && 'a probe is not answered',
        metrics?.status !== 200 && 'another scraper is not answered',
      ];
    },
    recovers: 0,
  },
];
