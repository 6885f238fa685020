import { reasons } from '../../src/core/reasons.ts';
import { type DoorName, doors } from './doors.ts';
import type { Verdict } from './verdict.ts';

/** What came of a request, or what must come of it. */
export interface Outcome {
  readonly status: number;
  /** Undefined: the proxy asked nobody. */
  readonly reason: string | undefined;
  /** Identity headers at the application. Undefined: it was not reached. */
  readonly sees: Readonly<Record<string, string>> | undefined;
}

/** What must come of a row of the table at this door. */
export function expected(door: DoorName, { reason, sees, at }: Verdict, protocol?: 'h1' | 'h2'): Outcome {
  const other = at?.[door];
  if (other?.refuses !== undefined) {
    const status = other.resetsStream && protocol === 'h2' ? 0 : other.refuses;
    return { status, reason: undefined, sees: undefined };
  }
  const name = other?.reason ?? reason;
  const { status } = reasons[name];
  const statuses: Readonly<Record<number, number>> = doors[door].statuses;
  return {
    status: statuses[status] ?? status,
    reason: name,
    sees: status === 200 ? (other?.sees ?? sees ?? {}) : undefined,
  };
}
