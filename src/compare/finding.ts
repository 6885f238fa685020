import { isDeepStrictEqual } from 'node:util';
import type { MadeCaller } from './caller.ts';
import type { Probe } from './probes.ts';
import type { SideVerdict } from './verdict.ts';

/**
 * How a verdict changes. `widens`: refused before, allowed now. `narrows`: the reverse. `identity`: allowed
 * by both, with other identity headers. `rule`: only another rule decides.
 */
export type ChangeKind = 'widens' | 'narrows' | 'identity' | 'rule';

/** A request whose verdict changes. */
export interface VerdictChange {
  readonly change: ChangeKind;
  readonly probe: Probe;
  readonly caller: MadeCaller;
  readonly verdicts: readonly [SideVerdict, SideVerdict];
  /** Other requests of the same pair of rules. */
  readonly alike?: readonly Probe[];
  /** The condition of both rules. It is not known what makes it true, and it was taken to be true. */
  readonly provided?: string;
}

/** Undefined if the two verdicts are the same for the sender and for the application. */
export function changeBetween([before, after]: readonly [SideVerdict, SideVerdict]): ChangeKind | undefined {
  if (before.effect !== 'allow') return after.effect === 'allow' ? 'widens' : undefined;
  if (after.effect !== 'allow') return 'narrows';
  if (!isDeepStrictEqual(before.identity, after.identity)) return 'identity';
  return before.rule === after.rule ? undefined : 'rule';
}

/**
 * Findings with the same key have the same cause, and one of them is enough. Where another rule decides, that
 * is the cause. Otherwise it is the requirement that refuses on one side.
 */
export function keyOf(change: ChangeKind, [before, after]: readonly [SideVerdict, SideVerdict]): string {
  const refused = [before, after].map(({ reason }) => (reason.startsWith('binding_') ? 'binding' : reason));
  return JSON.stringify([change, before.rule, after.rule, before.rule === after.rule && refused]);
}
