import { isDeepStrictEqual } from 'node:util';
import { Denial } from '../core/denial.ts';
import type { Rule } from '../core/policy/rule.ts';
import { type MadeCaller, withValues } from './caller.ts';
import { callersOf } from './callers.ts';
import type { Cell } from './cells.ts';
import { type ConditionValues, combinations, inputsOf } from './condition-values.ts';
import { type ChangeKind, changeBetween, type VerdictChange } from './finding.ts';
import { haveSameCondition, meaningOf } from './meaning.ts';
import type { Probe } from './probes.ts';
import type { Side } from './side.ts';
import type { Space } from './space.ts';
import { variantsOf } from './variants.ts';
import type { JudgeBoth, SideVerdict } from './verdict.ts';

/** What the search in one cell needs, and whom it tells what it finds. */
export interface Search {
  readonly sides: readonly [Side, Side];
  readonly space: Space;
  readonly now: number;
  readonly judge: JudgeBoth;
  /** Takes every condition to be true. */
  readonly judgeUnconditionally: JudgeBoth;
  readonly record: (finding: VerdictChange) => void;
  readonly undecided: (text: string) => void;
  /** Counts a request. False if no more may be tried. */
  readonly mayTry: () => boolean;
}

/** Values that a condition is tried with, for one caller. */
const mostCombinations = 1_000;
/** Callers that are tried with all of these values. */
const mostSearches = 2;
/** Callers of one rule, and those that show that two rules allow the same. */
const mostCallers = 400;
const mostForNote = 40;

const conditionReasons: readonly string[] = ['condition_not_met', 'condition_failed'];

/**
 * Looks in one cell for requests whose verdict changes. The service's own check judges each of them.
 * @returns whether everything was tried
 */
export async function lookAtCell({ routes, probes }: Cell, search: Search): Promise<boolean> {
  const { sides, space, now } = search;
  const [before, after] = routes.map((route) => (route instanceof Denial ? undefined : route.rule));
  const rules = [before, after].filter((rule) => rule !== undefined);
  const sameCondition = haveSameCondition(before, after);
  // A condition can read what only one of the rules requires.
  const isFirstEnough =
    sameCondition && isDeepStrictEqual([before?.claims, before?.scopes], [after?.claims, after?.scopes]);
  const conditions = rules.flatMap(({ when }) => when ?? []);
  const required = rules.flatMap(({ claims }) => claims.flatMap(({ values }) => values));
  const inputs = inputsOf(conditions, required, space.fresh);
  const hints = inputsOf(conditions, [], space.fresh)
    .filter(({ place: [root = ''] }) => root === 'peer' || root === 'serviceAccount')
    .flatMap(({ values }) => values.flat().filter((one) => typeof one === 'string'));
  const given = inputs.filter(({ place: [root = ''] }) => ['claims', 'request', 'token'].includes(root));
  const [probe] = probes;
  const found = new Set<ChangeKind>();
  let allowed = 0;
  let isCut = false;

  if (before && after && meaningOf(sides[0], before) === meaningOf(sides[1], after)) {
    if (before.name !== after.name) await noteRule(after);
    return !isCut;
  }
  await attempt({});
  // Where only one side has a rule with requirements, one request shows all. Where another rule decides, one
  // for each direction does.
  const isOneSided = !before || !after || isOpen(before) || isOpen(after);
  const isDone = (at: 0 | 1) =>
    isOneSided ? found.size > 0 : before.name !== after.name && found.has(at === 1 ? 'widens' : 'narrows');
  for (const [at, rule] of [[1, after] as const, [0, before] as const])
    for (const enforced of [rule, rule?.observation?.rule])
      if (enforced && !enforced.public && !isDone(at)) await attemptRule(enforced, at);
  const names = [...new Set(rules.map(({ name }) => name))];
  const subject = `${names.length > 1 ? 'rules' : 'rule'} ${names.join(' and ')}`;
  if (found.has('widens') || found.has('narrows') || isCut) return !isCut;
  if (before && after && !sameCondition) search.undecided(`${subject}: the conditions differ; not decided`);
  else if (allowed === 0) search.undecided(`${subject}: no request was found that it allows; not decided`);
  return true;

  async function attempt(
    caller: MadeCaller,
    { judge = search.judge, request = probe, provided }: Partial<Attempt> = {},
  ): Promise<readonly [SideVerdict, SideVerdict] | undefined> {
    isCut ||= !search.mayTry();
    if (isCut) return undefined;
    const verdicts = await judge(request, caller);
    const change = changeBetween(verdicts);
    if (isAllowed(verdicts, 0) || isAllowed(verdicts, 1)) allowed++;
    if (change === undefined) return verdicts;
    if (change !== 'rule') found.add(change);
    const alike = probes.filter((one) => one !== request);
    search.record({ ...{ change, probe: request, caller, verdicts, alike }, ...(provided && { provided }) });
    return verdicts;
  }

  /** Not by another rule: a value that a condition wants of the request can lead to one. */
  function isAllowed(verdicts: readonly [SideVerdict, SideVerdict], at: 0 | 1): boolean {
    const { effect, rule } = verdicts[at];
    return effect === 'allow' && rule === [before, after][at]?.name;
  }

  /** Tries the callers that one side's rule allows, and those that differ from them in one thing. */
  async function attemptRule(rule: Rule, at: 0 | 1): Promise<void> {
    const done = new Set<string>();
    let solution: ConditionValues = [];
    let searches = 0;
    let callers = 0;
    for (const { caller: bare, way } of callersOf(sides[at], rule, hints, space, now)) {
      if (done.has(way) && ++callers > mostCallers) return;
      const caller = withValues(bare, solution);
      const verdicts = await attempt(caller);
      if (!verdicts) return;
      let passes = isAllowed(verdicts, at);
      const failed = conditionReasons.includes(verdicts[at].reason);
      let subject = caller;
      let means: Partial<Attempt> = {};
      const mustSearch = failed || (passes && !sameCondition);
      if (mustSearch && given.length > 0 && searches++ < mostSearches) {
        const values = await searchValues(bare, at);
        if (values && !passes) {
          solution = values;
          subject = withValues(bare, values);
          passes = true;
        }
      }
      if (!passes && failed && sameCondition) {
        means = { judge: search.judgeUnconditionally, provided: rule.when?.text };
        const relaxed = await attempt(bare, means);
        passes = relaxed !== undefined && isAllowed(relaxed, at);
        subject = bare;
      }
      if (isDone(at)) return;
      if (!passes || done.has(way)) continue;
      done.add(way);
      for (const variant of variantsOf(subject, rules, sides, space, now)) await attempt(variant, means);
      if (isDone(at)) return;
    }
  }

  /** Tries values for what the conditions read. Returns the first that this side's condition accepts. */
  async function searchValues(caller: MadeCaller, at: 0 | 1): Promise<ConditionValues | undefined> {
    const readsRequest = given.some(({ place: [root] }) => root === 'request');
    const requests = readsRequest ? probes.slice(0, 3) : [probe];
    let first: ConditionValues | undefined;
    for (const request of requests)
      for (const values of combinations(given, mostCombinations)) {
        const verdicts = await attempt(withValues(caller, values), { request });
        if (!verdicts) return first;
        if (isAllowed(verdicts, at)) first ??= values;
        if (first && (isFirstEnough || isDone(at))) return first;
      }
    return first;
  }

  async function noteRule(rule: Rule): Promise<void> {
    let tries = 0;
    if (rule.public) await attempt({});
    else
      for (const { caller } of callersOf(sides[1], rule, hints, space, now)) {
        const verdicts = await attempt(caller);
        if ((verdicts && isAllowed(verdicts, 1)) || ++tries >= mostForNote) return;
      }
  }
}

/** Whether a rule lets every request pass: it is public, or all of it is only observed. */
function isOpen(rule: Rule): boolean {
  return rule.public || (rule.observation !== undefined && rule.observation.reasons === undefined);
}

interface Attempt {
  readonly judge: JudgeBoth;
  readonly request: Probe;
  readonly provided: string | undefined;
}
