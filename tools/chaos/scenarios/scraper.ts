import { connect, type Socket } from 'node:net';
import { fetchPage } from '../../../test/support/peerproof.ts';
import { askDirectly, checkOf } from '../direct.ts';
import type { Scenario } from '../scenario.ts';

/** Scrapers ask for the metrics, and stop reading. Checks must not notice. */

/** Most of the connections of the admin port. */
const scrapers = 100;
const flood = 4_000;

function stoppedScrapers(): Scenario {
  let sockets: Socket[] = [];
  return {
    name: `${scrapers} scrapers do not read, and ${flood} checks more`,
    async fault({ world, note }) {
      const { adminPort, grpcPort } = world.peerproof;
      sockets = Array.from({ length: scrapers }, () => stoppedScraper(adminPort));
      const { codes, longest } = await askDirectly(grpcPort, flood, () => checkOf('..', '/'));
      const answers = [...codes].map(([code, count]) => `${count} × ${code}`).join(', ');
      note(`${answers} to the flood, within ${Math.round(longest)} ms each`);
      return () => {
        for (const socket of sockets) socket.destroy();
      };
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
  };
}

export const scraperScenarios: readonly Scenario[] = [stoppedScrapers()];

/** Sends one request, and never reads. */
function stoppedScraper(port: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.write(`GET /metrics HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
  return socket.pause();
}
