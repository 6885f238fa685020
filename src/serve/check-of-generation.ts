import type { Logger } from 'pino';
import { type Check, createCheck } from '../core/check.ts';
import type { Policy } from '../core/judgement.ts';
import { randomId } from '../lib/uuid.ts';
import { createDecisionWriter } from '../operate/decision-writer.ts';
import { cut } from '../operate/json-line.ts';
import type { LineTap } from '../operate/line-tap.ts';
import type { Metrics } from '../operate/metrics.ts';
import { node } from '../operate/node-name.ts';
import type { RuleTally } from '../operate/tally.ts';
import type { Generation } from './generation.ts';
import type { RunningTelemetry } from './running-telemetry.ts';
import type { createShadow } from './shadow.ts';

/** Parts of the service that outlive a configuration. */
interface CheckParts {
  readonly clock: () => number;
  readonly metrics: Metrics;
  readonly telemetry: RunningTelemetry;
  /** Where the lines about decisions go. */
  readonly tap: LineTap;
  readonly tally: RuleTally;
  readonly log: Logger;
  /** Compares decisions of this policy with those of a shadow. Undefined: there is none, or not any more. */
  readonly compareBeside: (policy: Policy) => ReturnType<typeof createShadow> | undefined;
}

/** Makes the check of each configuration: it counts what it decides, and writes it into the log. */
export function createCheckMaker(parts: CheckParts): (generation: Generation) => Check {
  const { clock, metrics, telemetry, tap, tally, log, compareBeside } = parts;
  /** A check ends with the configuration that it began with. Its line names the version of that one. */
  return ({ policy, loaded }) => {
    const { config, version } = loaded;
    const writeDecision = createDecisionWriter({
      destination: tap,
      settings: config.log,
      ...{ version, node },
      onLeftOut: metrics.limited,
      report: sayLeftOut,
    });
    let saidSidecar = false;
    return createCheck({
      stopwatch: () => performance.now(),
      policy: () => policy,
      clock,
      follow: telemetry.followFor(loaded),
      newId: randomId,
      limits: () => config.limits,
      observer: {
        started: metrics.started,
        decided(decision, evidence, door, microseconds) {
          metrics.decided(decision, door, microseconds);
          if (decision.effect === 'deny' && decision.reason === 'peer_own_sidecar')
            saySidecar(decision.detail);
          const now = clock();
          writeDecision(decision, evidence, door, microseconds, now);
          if (tap.isOn) tally.count(decision, now);
          compareBeside(policy)?.(decision, evidence, door);
        },
      },
    });

    /** Once for a configuration, because every check would repeat it. */
    function saySidecar(detail: string | undefined): void {
      if (saidSidecar) return;
      saidSidecar = true;
      log.error({ event: 'wrong_setting', setting: 'http.xfcc' }, cut(detail) ?? 'http.xfcc');
    }
  };

  function sayLeftOut(lines: number): void {
    log.warn(
      { event: 'lines_left_out', lines },
      'lines about decisions were left out: log.maxLinesPerSecond',
    );
  }
}
