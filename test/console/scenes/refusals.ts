import { type Stage, startStage } from '../stage.ts';
import { send, type Traffic, usualTraffic } from '../traffic.ts';

export interface Refusals extends Stage {
  /** The rule that refuses most, how often, and its most frequent reason. */
  readonly rule: string;
  readonly refused: number;
  readonly reason: string;
}

/** The most frequent reason of all is that of another rule, so that the page has to count by rule. */
const traffic: Traffic = { ...usualTraffic, unscoped: 12, late: 9, stolen: 2 };

/** Callers lack a scope, so the rule for writing refuses more than each other. */
export async function playRefusals(): Promise<Refusals> {
  const stage = await startStage();
  try {
    await send(stage, traffic);
    return { ...stage, rule: 'write-orders', refused: 12, reason: 'scope_missing' };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}
