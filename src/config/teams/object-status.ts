import type { JsonObject } from '../../lib/json.ts';
import { listOf, recordOf, textOf } from '../../lib/json.ts';
import { visible } from '../../lib/visible.ts';
import type { OwnerState } from './admit.ts';

/** A condition as Kubernetes has it. */
export interface StatusCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly observedGeneration: number;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export interface ObjectStatus {
  readonly observedGeneration: number;
  /** At work. */
  readonly rules: number;
  readonly conditions: readonly StatusCondition[];
}

type Said = Pick<StatusCondition, 'type' | 'status' | 'reason' | 'message'>;

/** Characters. The definition of the kind allows 32,768. */
const longestMessage = 16_384;

/**
 * What the status of an object must say. It depends on the configuration and on the objects alone, so all
 * replicas write the same.
 * @param present the status that it has. Only the times of its conditions count, and only if nothing else has
 * changed in them.
 * @returns undefined if it says so already
 */
export function neededStatus(
  generation: number,
  state: OwnerState,
  present: JsonObject | undefined,
  now: number,
): ObjectStatus | undefined {
  const before = new Map(
    listOf(present?.conditions).map((one) => [textOf(recordOf(one).type), recordOf(one)] as const),
  );
  const conditions = conditionsOf(state).map((said): StatusCondition => {
    const { status, lastTransitionTime } = before.get(said.type) ?? {};
    const isSame = status === said.status && typeof lastTransitionTime === 'string';
    const time = isSame ? lastTransitionTime : `${new Date(now).toISOString().slice(0, 19)}Z`;
    return { ...said, observedGeneration: generation, lastTransitionTime: time };
  });
  const wanted = { observedGeneration: generation, rules: state.rules, conditions };
  return present && isEqual(wanted, present) ? undefined : wanted;
}

function conditionsOf({ state, rules, problems }: OwnerState): readonly Said[] {
  const why = visibleLines(problems);
  const isAccepted = state === 'accepted' || state === 'conflicted';
  const isConflicted = state === 'conflicted';
  return [
    {
      type: 'Accepted',
      status: isAccepted ? 'True' : 'False',
      reason: isAccepted ? 'Accepted' : 'Refused',
      message: isAccepted ? 'The rules are within what is delegated.' : why,
    },
    { type: 'Programmed', status: isAccepted ? 'True' : 'False', ...programmed[state](rules) },
    {
      type: 'Conflicted',
      status: isConflicted ? 'True' : 'False',
      reason: isConflicted ? 'OtherTeamFirst' : 'NoConflict',
      message: isConflicted ? why : 'No other team was found that decides some of its requests.',
    },
  ];
}

const atWork = (rules: number) => ({ reason: 'AtWork', message: `At work: ${counted(rules)}.` });

const programmed: {
  readonly [State in OwnerState['state']]: (rules: number) => Pick<StatusCondition, 'reason' | 'message'>;
} = {
  accepted: atWork,
  conflicted: atWork,
  last_good: (rules) => ({
    reason: 'LastGoodForm',
    message: `This form is not at work. The last one that was accepted is, with ${counted(rules)}.`,
  }),
  left_out: () => ({
    reason: 'LeftOut',
    message: 'None of these rules is at work, so they allow no request.',
  }),
};

function counted(rules: number): string {
  return rules === 1 ? '1 rule' : `${rules} rules`;
}

function visibleLines(problems: OwnerState['problems']): string {
  const lines = problems.map(({ key, message }) => visible(key ? `${key}: ${message}` : message));
  const text = lines.join('\n');
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}

/** Whether plain data is equal. The order of members does not count. */
function isEqual(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((entry, at) => isEqual(entry, other[at]));
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other;
  const [a, b] = [recordOf(one), recordOf(other)];
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isEqual(a[name], b[name]));
}
