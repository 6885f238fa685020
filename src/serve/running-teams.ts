import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { readmit } from '../config/compose.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { TeamHandling } from '../config/teams/handling.ts';
import { inTurns } from '../lib/in-turns.ts';
import type { Readiness } from '../operate/admin-server.ts';
import { addOwnerMetrics } from '../operate/owner-metrics.ts';
import { addRulesWatchMetrics, withRulesWatch } from '../operate/rules-watch-metrics.ts';
import { createOwnerReport, ownedRules } from './owner-report.ts';
import { RulesWatch } from './rules-watch.ts';

export interface RunningTeamsOptions {
  readonly loaded: LoadedConfig;
  /** Without it nothing of `rulesFrom` is read. */
  readonly handling: TeamHandling | undefined;
  /** Another process watches. It calls the function when it has handed over what teams have written. */
  readonly follow?: ((apply: () => Promise<void>) => void) | undefined;
  readonly clock: () => number;
  readonly log: Logger;
  readonly registry: Registry;
  /** Puts a form of the configuration in use that is made of the present one. Never rejects. */
  readonly replace: (make: (present: LoadedConfig) => Promise<LoadedConfig>) => Promise<void>;
}

/** The rules of teams in a running service: how they are at work, and where they are watched. */
export function createRunningTeams(options: RunningTeamsOptions) {
  const { loaded, handling, follow, clock, log, registry, replace } = options;
  const say = createOwnerReport(log);
  let owners = loaded.owners;
  say(owners);
  const apply = async () => {
    if (handling) await replace(async (present) => note(await inTurns(readmit(present, handling))));
    watch?.report(owners);
  };
  const watch = handling && !follow ? new RulesWatch({ handling, clock, log, apply }) : undefined;
  follow?.(apply);
  addOwnerMetrics(registry, () => ownedRules(owners));
  // The process that watches has them for all.
  if (!follow) addRulesWatchMetrics(registry, () => watch?.state());
  return {
    note,
    owned: () => ownedRules(owners),
    /** Watches as a configuration says. Resolves when the first answer is at work. Never rejects. */
    async adopt(next: LoadedConfig): Promise<void> {
      await watch?.adopt(next);
      watch?.report(owners);
    },
    withWatch: (readiness: Readiness) => withRulesWatch(readiness, watch?.state()),
    stop: () => watch?.stop(),
  };

  /** Keeps and logs how the rules of teams are at work. Returns what it was given. */
  function note(next: LoadedConfig): LoadedConfig {
    owners = next.owners;
    say(owners);
    return next;
  }
}
