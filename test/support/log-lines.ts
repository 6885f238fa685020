import type { Evidence } from '../../src/core/evidence.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { type CheckWorld, evidenceFor, type Presented } from './check-world.ts';

/** The line that a check leaves in the decision log, as written and as read. */
export function logLineOf(world: CheckWorld, presented: Presented): ReturnType<typeof logLineFor> {
  return logLineFor(world, evidenceFor(presented));
}

/** The same for a check as a door translates it. */
export async function logLineFor(
  world: CheckWorld,
  evidence: Evidence,
): Promise<{ line: string; entry: Record<string, unknown> }> {
  const lines: string[] = [];
  const log = createDecisionLog({ write: (line) => void lines.push(line) });
  const decision = await world.decide(evidence, 'grpc', Number.POSITIVE_INFINITY);
  log(decision, evidence, 'grpc', 123, world.clock.now);
  if (lines.length !== 1) throw new TypeError(`${lines.length} lines`);
  const line = lines[0] ?? '';
  return { line, entry: JSON.parse(line) };
}
