import type { Logger } from 'pino';
import { cut } from '../operate/json-line.ts';

/** What is exported. */
export type Signal = 'traces' | 'metrics';

/** Logs the first failure of the exports of one kind, and the first success after it. Not each failure. */
export function createExportReport(signal: Signal, log: Logger): (failure: string | undefined) => void {
  let isFailing = false;
  return (failure) => {
    if (isFailing === (failure !== undefined)) return;
    isFailing = !isFailing;
    if (isFailing)
      log.warn(
        { event: 'telemetry_unavailable', signal, failure: cut(failure) },
        `the ${signal} could not be sent to the collector`,
      );
    else log.info({ event: 'telemetry_available', signal }, `the ${signal} reach the collector again`);
  };
}
