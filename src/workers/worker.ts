import type { Registry } from 'prom-client';
import { type LoadedConfig, restoreConfig } from '../config/load.ts';
import type { Problem } from '../config/problem.ts';
import type { TeamHandling } from '../config/teams/handling.ts';
import { withChanges } from '../config/teams/object-changes.ts';
import type { AdminServer, Readiness } from '../operate/admin-server.ts';
import type { ConsoleSource } from '../serve/console-source.ts';
import type {
  ChangedObjects,
  ConfigurationRequest,
  HandedOver,
  MetricsRequest,
  StartReport,
  ViewRequest,
  WorkerReport,
} from './messages.ts';

/** Milliseconds. Between two messages the primary reads only metrics and files. */
const patience = 10_000;

/**
 * Gets the last good configuration from the primary. The worker asks for it, because a message before it
 * listens would be lost.
 * @param teams remembers the rules of teams that were handed over
 * @throws Error if the primary does not answer
 */
export async function takeOver(
  teams: TeamHandling,
): Promise<{ loaded: LoadedConfig; refused: string | undefined; nonceKey: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<HandedOver>();
  const onMessage = (message: Partial<HandedOver>) => {
    if (message.configuration) resolve(message as HandedOver);
  };
  process.on('message', onMessage);
  const timer = setTimeout(() => reject(new Error('the primary did not send a configuration')), patience);
  try {
    const request: ConfigurationRequest = { configurationRequest: true };
    process.send?.(request, undefined, undefined, (error: Error | null) => error && reject(error));
    const { configuration, objects, refused, nonceKey } = await promise;
    teams.atApiServer.objects = objects;
    const { file, text, files } = configuration;
    return { loaded: restoreConfig({ file, text, files: new Map(files) }, teams), refused, nonceKey };
  } finally {
    clearTimeout(timer);
    process.off('message', onMessage);
  }
}

/**
 * Takes what teams have written since at the API server, which the primary watches. Call it before `takeOver`,
 * so that no message is lost.
 * @returns sets what puts it into use
 */
export function followObjects({ atApiServer }: TeamHandling): (apply: () => Promise<void>) => void {
  let apply: () => Promise<void> = async () => undefined;
  process.on('message', ({ changedObjects }: Partial<ChangedObjects>) => {
    if (!changedObjects) return;
    atApiServer.objects = withChanges(atApiServer.objects, changedObjects);
    void apply();
  });
  return (given) => {
    apply = given;
  };
}

/** Tells the primary why the ports cannot be opened; that they are open, if there are no problems. */
export function reportStart(startProblems: readonly Problem[]): Promise<void> {
  const report: StartReport = { startProblems };
  // A process that ends before the message has left it would have said nothing.
  return new Promise((resolve) => {
    if (!process.connected || !process.send) resolve();
    else process.send(report, undefined, undefined, () => resolve());
  });
}

/** Milliseconds between two reports. */
const every = 1_000;

/** Sends the content of the admin port to the primary, because a worker has no admin port. */
export async function reportToPrimary(
  _address: unknown,
  readiness: () => Readiness,
  registry: Registry,
  source: ConsoleSource,
): Promise<AdminServer> {
  const say = (more?: Pick<WorkerReport, 'metrics' | 'view'>) => {
    const report: WorkerReport = { readiness: readiness(), ...more };
    // Without a primary, node:cluster ends this process.
    if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
  };
  const onMessage = (message: Partial<MetricsRequest & ViewRequest>) => {
    const { metricsRequest, viewRequest, options } = message;
    if (metricsRequest !== undefined)
      void registry
        .getMetricsAsJSON()
        .then((snapshot) => say({ metrics: { request: metricsRequest, snapshot } }));
    if (viewRequest !== undefined)
      void source.views(options).then(([view]) => view && say({ view: { request: viewRequest, view } }));
  };
  process.on('message', onMessage);
  const timer = setInterval(() => say(), every);
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
