import type { Logger } from 'pino';

/** Logs which ports trust every client that can reach them. Only at start, because ports never change. */
export function reportOpenPorts(openPorts: readonly string[], log: Logger): void {
  for (const port of openPorts) log.warn({ event: 'open_port' }, port);
}
