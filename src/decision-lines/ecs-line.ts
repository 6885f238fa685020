import type { JsonObject } from '../lib/json.ts';
import { decisionFields } from '../operate/decision-field.ts';
import { ecsNames } from '../operate/ecs.ts';
import { levelNames, levels } from '../operate/log-level.ts';

/**
 * Gives the members of a line in the Elastic Common Schema (`log.format: ecs`) the names of the log. Returns
 * any other line as it is. Names with dots are read, as Peerproof writes them, and **not** objects in objects.
 */
export function withOwnNames(parsed: JsonObject): JsonObject {
  if (parsed['ecs.version'] === undefined) return parsed;
  const duration = parsed[ecsNames.duration_us];
  const level = levelNames.find((name) => name === parsed['log.level']);
  return {
    ...Object.fromEntries(decisionFields.map((field) => [field, parsed[ecsNames[field]]])),
    time: parsed['@timestamp'],
    level: level && levels[level],
    duration_us: typeof duration === 'number' ? duration / 1_000 : undefined,
  };
}
