import type { Decision } from '../core/decision.ts';
import { callerKey, type LogObservation, type SeenCaller } from './observation.ts';
import type { NamedDraft } from './place-drafts.ts';
import type { Replay } from './replay.ts';

/** The most questions. Each is asked twice. */
const most = 20_000;

/**
 * The drafts that change what others may do: each of their requests is tried with each caller of the log. A
 * caller who only has more scopes than an observed one may pass. General paths are left out, because they allow
 * more on purpose. Beyond the bound, drafts are **not** tried.
 */
export async function findWidened(
  drafts: readonly NamedDraft[],
  before: Replay,
  after: Replay,
  passes: (decision: Decision) => boolean,
): Promise<readonly NamedDraft[]> {
  const exact = drafts.filter(({ general }) => general.length === 0);
  const all = drafts.flatMap(({ observations }) => observations);
  const callers = [...new Map(all.map(({ caller }) => [callerKey(caller), caller])).values()];
  const widened = new Set<NamedDraft>();
  let asked = 0;
  for (const draft of exact)
    for (const [key, group] of Map.groupBy(draft.observations, ({ request }) => JSON.stringify(request)))
      for (const caller of callers) {
        if (group.some((one) => covers(one, caller)) || ++asked > most) continue;
        const request = JSON.parse(key);
        const [was, is] = [await before.decide(request, caller), await after.decide(request, caller)];
        if (passes(was) !== passes(is)) widened.add(draft);
      }
  return [...widened];
}

function covers({ caller: { scopes, ...known } }: LogObservation, caller: SeenCaller): boolean {
  return (
    callerKey({ ...known, scopes: [] }) === callerKey({ ...caller, scopes: [] }) &&
    scopes.every((scope) => caller.scopes.includes(scope))
  );
}
