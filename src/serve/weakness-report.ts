import type { Logger } from 'pino';

/**
 * Makes the function that logs settings that weaken security. A reload does not repeat what the configuration
 * before it had too: with many teams there are many reloads.
 */
export function createWeaknessReport(log: Logger): (warnings: readonly string[]) => void {
  let known: ReadonlySet<string> = new Set();
  return (warnings) => {
    for (const warning of warnings) if (!known.has(warning)) log.warn({ event: 'weak_setting' }, warning);
    known = new Set(warnings);
  };
}
