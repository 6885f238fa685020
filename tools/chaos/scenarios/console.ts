import { fetchPage } from '../../../test/support/peerproof.ts';
import { floodDirectly } from '../direct.ts';
import type { Scenario } from '../scenario.ts';
import { stopReading } from '../stopped-clients.ts';

/** Persons look at the console, and their browsers stop reading. Checks must not notice. */

/** As many as may look at the decisions. */
const clients = 8;
/** Each of them is a line. Together they are more than the kernel and the service hold for a client. */
const flood = 14_000;
const longPath = `/${'x'.repeat(600)}`;

export const consoleScenarios: readonly Scenario[] = [
  {
    name: `${clients} consoles do not read, and ${flood} checks more`,
    async fault(stage) {
      const mend = stopReading(stage.world.peerproof.adminPort, '/console/api/decisions', clients);
      await floodDirectly(stage, flood, longPath);
      return mend;
    },
    async observe({ world }) {
      const { adminPort } = world.peerproof;
      const [health, state, another] = await Promise.all(
        ['/healthz', '/console/api/state', '/console/api/decisions'].map((path) =>
          fetchPage(adminPort, path),
        ),
      );
      return [
        health?.status !== 200 && 'a probe is not answered',
        state?.status !== 200 && 'the console itself is not answered',
        another?.status !== 503 && 'one more client may look',
      ];
    },
    recovers: 0,
  },
];
