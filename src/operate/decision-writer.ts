import type { Decision } from '../core/decision.ts';
import type { DecisionField } from './decision-field.ts';
import { createDecisionLog, type DecisionLog } from './decision-log.ts';
import { createLineBound, type LineBoundOptions } from './line-bound.ts';
import type { LineDestination } from './log-destination.ts';
import type { LogFormatName } from './log-format.ts';
import { kindOf, type LogLevel, levelOf, levels } from './log-level.ts';

/** The part of the configuration that concerns the log. */
export interface LogSettings {
  readonly format: LogFormatName;
  readonly level: LogLevel;
  /** The share of allows that is written. */
  readonly sample: { readonly default: number; readonly rules: Readonly<Record<string, number>> };
  /** Whether allows of public rules are written. */
  readonly public: boolean;
  readonly omit: readonly DecisionField[];
  readonly maxLinesPerSecond?: number | undefined;
}

export interface DecisionWriterOptions extends LineBoundOptions {
  readonly destination: LineDestination;
  readonly settings: LogSettings;
  readonly version?: string | undefined;
  readonly node?: string | undefined;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

/**
 * Makes the function that writes the lines of one configuration. If the configuration leaves out no lines, it
 * is the log itself, and a line costs nothing more.
 */
export function createDecisionWriter(options: DecisionWriterOptions): DecisionLog {
  const { destination, settings, version, node, random = Math.random } = options;
  const { format, omit, maxLinesPerSecond = Number.POSITIVE_INFINITY } = settings;
  const write = createDecisionLog(destination, { format, omit, version, node });
  const shareOf = createShares(settings);
  if (!shareOf && maxLinesPerSecond === Number.POSITIVE_INFINITY) return write;
  const hasRoom = createLineBound(maxLinesPerSecond, options);
  return (decision, evidence, door, microseconds, now) => {
    const share = shareOf ? shareOf(decision) : 1;
    if (share < 1 && random() >= share) return;
    if (hasRoom(now)) write(decision, evidence, door, microseconds, now, share < 1 ? share : undefined);
  };
}

/** Makes the function that says which share of lines like this is written. Undefined if it is all of them. */
function createShares(settings: LogSettings): ((decision: Decision) => number) | undefined {
  const { level, sample, public: withPublic } = settings;
  const least = levels[level];
  const shares = new Map(Object.entries(sample.rules));
  if (
    least === levels.info &&
    withPublic &&
    [sample.default, ...shares.values()].every((share) => share === 1)
  )
    return undefined;
  return (decision) => {
    const { reason, found } = decision;
    const kind = kindOf(decision);
    if (levels[levelOf[kind]] < least) return 0;
    if (kind !== 'allow') return 1;
    if (reason === 'public' && !withPublic) return 0;
    return shares.get(found.rule?.name ?? '') ?? sample.default;
  };
}
