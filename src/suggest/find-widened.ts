import type { Decision } from '../core/decision.ts';
import { type OnStep, stepping } from '../lib/on-step.ts';
import { callerKey, type LogObservation, type SeenCaller } from './observation.ts';
import type { NamedDraft } from './place-drafts.ts';
import type { Replay } from './replay.ts';

/** About so many questions are asked, each of two configurations. They are shared among the requests. */
const most = 20_000;

/**
 * The drafts that change what others may do: each of their requests is tried with callers of the log. A caller
 * who only has more scopes than an observed one may pass. General paths are left out, because they allow more
 * on purpose. In a long log, **not** every caller is tried with every request.
 */
export async function findWidened(
  drafts: readonly NamedDraft[],
  before: Replay,
  after: Replay,
  passes: (decision: Decision) => boolean,
  onStep: OnStep,
): Promise<readonly NamedDraft[]> {
  const exact = drafts.filter(({ general }) => general.length === 0);
  const all = drafts.flatMap(({ observations }) => observations);
  const share = Math.ceil(most / Math.max(all.length, 1));
  const callers = [...new Map(all.map(({ caller }) => [callerKey(caller), caller])).values()].slice(0, share);
  const widened = new Set<NamedDraft>();
  for (const draft of stepping(exact, 'rules that are tried with other callers', onStep))
    for (const group of Map.groupBy(draft.observations, ({ request }) => JSON.stringify(request)).values())
      for (const caller of callers) {
        const request = group[0]?.request;
        if (!request || group.some((one) => covers(one, caller))) continue;
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
