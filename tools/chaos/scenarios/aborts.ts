import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { authorizerCluster } from '../../../test/support/envoy-ext-authz.ts';
import { listeners } from '../load.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

/**
 * Clients that open requests and abort them at once. Envoy has sent the check by then, and resets it, on the connection
 * that carries the checks of all clients. A server that ends this connection because of resets loses all their answers.
 */

/** Envoy ends a client's connection after five hundred such requests, so each makes fewer. */
const fromOneConnection = 125;
/**
 * Connections at the same moment. Not more than a thousand requests: Envoy itself ends its connection to the authorizer
 * when it has to send that many resets at once (`max_outbound_control_frames` of the cluster).
 */
const connections = 3;
/** Milliseconds between two waves. By default nghttp2 allows 1,000 resets, and 33 more a second. */
const pause = 300;
/** One after the other through the same listener: each has a connection of its own. */
const waves = 8;
/** A limit, so that a scenario that hangs does not flood without end. */
const most = 12_000;

interface Flood {
  readonly aborted: number;
  stop(): Promise<void>;
}

function startFlood({ envoy, ca, who }: World): Flood {
  let aborted = 0;
  let going = true;
  const { certPem: cert, keyPem: key } = who.thief;
  const tls = { ca: ca.certPem, cert, key, checkServerIdentity: () => undefined };
  const abort = (session: ClientHttp2Session): void => {
    for (let count = 0; count < fromOneConnection; count++) {
      const stream = session.request({ ':path': '/orders', ':authority': 'app.test' });
      stream.on('error', () => {});
      // In the same packet as the request.
      stream.close(8);
      aborted++;
    }
  };
  const wave = async (port: number): Promise<void> => {
    const sessions = await Promise.all(
      Array.from({ length: connections }, async () => {
        const session = connect(`https://127.0.0.1:${port}`, tls);
        session.on('error', () => {});
        await Promise.race([once(session, 'connect'), once(session, 'close')]);
        return session;
      }),
    );
    for (const session of sessions) if (!session.destroyed) abort(session);
    await sleep(pause);
    for (const session of sessions) session.destroy();
  };
  const flood = async (): Promise<void> => {
    for (let turn = 0; going && aborted < most; turn++)
      await wave(envoy.port(listeners[Math.floor(turn / waves) % listeners.length] ?? 'open'));
  };
  const flooding = flood();
  return {
    get aborted() {
      return aborted;
    },
    async stop() {
      going = false;
      await flooding;
    },
  };
}

function aborts(over: 'gRPC' | 'HTTP/2'): Scenario {
  let flood: Flood | undefined;
  return {
    name: `waves of ${connections * fromOneConnection} requests that are given up at once, asked over ${over}`,
    alone: true,
    ...(over === 'HTTP/2' && { world: { http: true } }),
    async fault({ world }) {
      flood = startFlood(world);
      return () => flood?.stop();
    },
    async observe({ world: { envoy }, note }) {
      const { aborted = 0 } = flood ?? {};
      let reset = 0;
      for (const listener of listeners)
        reset += await envoy.stat(
          `cluster.${authorizerCluster(listener).replaceAll(':', '_')}.upstream_rq_tx_reset`,
        );
      note(`${aborted} requests were given up, and Envoy reset ${reset} checks`);
      // Otherwise they never reached Peerproof.
      return [reset < aborted / 2 && `only ${reset} checks were reset of ${aborted} requests`];
    },
    // They need answers of issuers from this process, which is busy with the flood.
    without: ['cluster', 'stolenCluster', 'opaque', 'inactive', 'revoked', 'unknownKid'],
    lasts: 6_500,
    recovers: 0,
  };
}

export const abortScenarios: readonly Scenario[] = [aborts('gRPC'), aborts('HTTP/2')];
