import { connect, type Socket } from 'node:net';
import { fetchPage } from '../../../test/support/peerproof.ts';
import { askDirectly, checkOf } from '../direct.ts';
import type { Scenario } from '../scenario.ts';

/** Persons look at the console, and their browsers stop reading. Checks must not notice. */

/** As many as may look at the decisions. */
const clients = 8;
/** Each of them is a line. Together they are more than the kernel and the service hold for a client. */
const flood = 14_000;
const longPath = `/${'x'.repeat(600)}`;

function stoppedClients(): Scenario {
  let sockets: Socket[] = [];
  return {
    name: `${clients} consoles do not read, and ${flood} checks more`,
    async fault({ world, note }) {
      const { adminPort, grpcPort } = world.peerproof;
      sockets = Array.from({ length: clients }, () => stoppedClient(adminPort));
      const { codes, longest } = await askDirectly(grpcPort, flood, () => checkOf('..', longPath));
      const answers = [...codes].map(([code, count]) => `${count} × ${code}`).join(', ');
      note(`${answers} to the flood, within ${Math.round(longest)} ms each`);
      return () => {
        for (const socket of sockets) socket.destroy();
      };
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
  };
}

export const consoleScenarios: readonly Scenario[] = [stoppedClients()];

/** Asks for the decisions, and never reads them. */
function stoppedClient(port: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.write(`GET /console/api/decisions HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
  return socket.pause();
}
