import type { Registry } from 'prom-client';
import type { AdminServer, Readiness } from '../operate/admin-server.ts';
import type { MetricsRequest, WorkerReport } from './messages.ts';

/** Milliseconds. */
const every = 1_000;

/** Sends the content of the admin port to the primary, because a worker has no admin port. */
export async function reportToPrimary(
  _address: unknown,
  readiness: () => Readiness,
  registry: Registry,
): Promise<AdminServer> {
  const say = (more?: WorkerReport['metrics']) => {
    const report: WorkerReport = { readiness: readiness(), ...(more && { metrics: more }) };
    // Without a primary, node:cluster ends this process.
    if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
  };
  const onMessage = ({ metricsRequest: request }: Partial<MetricsRequest>) => {
    if (request === undefined) return;
    void registry.getMetricsAsJSON().then((snapshot) => say({ request, snapshot }));
  };
  process.on('message', onMessage);
  const timer = setInterval(say, every);
  timer.unref();
  return {
    port: 0,
    async close() {
      clearInterval(timer);
      process.off('message', onMessage);
      say();
    },
  };
}
