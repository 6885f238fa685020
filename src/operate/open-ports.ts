import type { Logger } from 'pino';

/** Logs which ports believe everyone who can reach them. Once at start, because ports stay as they are. */
export function reportOpenPorts(openPorts: readonly string[], log: Logger): void {
  for (const port of openPorts) log.warn({ event: 'open_port' }, port);
}
