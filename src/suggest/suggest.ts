import { amendText } from '../config/amend.ts';
import { type LoadedConfig, parseWithoutFiles } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import type { Decision } from '../core/decision.ts';
import { isOfClient } from '../core/token/credential.ts';
import { type OnStep, stepping } from '../lib/on-step.ts';
import { type Draft, type DraftOptions, draftRules, type PlacedObservation } from './draft.ts';
import { findWidened } from './find-widened.ts';
import type { LogObservation } from './observation.ts';
import { amendmentsOf, type NamedDraft, nameDrafts } from './place-drafts.ts';
import { createReplay, type Replay } from './replay.ts';
import { type RulesInPlace, rulesInPlace } from './rules-in-place.ts';
import type { Seen } from './seen.ts';

/** Rules that allow what was seen. */
export interface Suggestion {
  /** The configuration with the rules. */
  readonly text: string;
  readonly drafts: readonly NamedDraft[];
  /** How many lines are about requests that the configuration allows. */
  readonly allowed: number;
  /** How many lines did not become a rule, by the reason why. */
  readonly notProposed: ReadonlyMap<string, number>;
}

/** Why observations became no rule. */
type Refuse = (observation: LogObservation, why: string) => void;

/**
 * Suggests the narrowest rules for what was seen. The service's own check judges each observation by the
 * amended configuration, and an observation that it does not allow is taken out. A draft that would change the
 * verdict of another caller is taken out as a whole. What the log does not hold cannot be compared: ports,
 * context, queries, headers, and all claims but the subject.
 * @param now milliseconds since the epoch
 */
export async function suggest(
  loaded: LoadedConfig,
  { observations, notProposed: passed }: Pick<Seen, 'observations' | 'notProposed'>,
  options: DraftOptions,
  now: number,
  onStep: OnStep,
): Promise<Suggestion> {
  const notProposed = new Map(passed);
  const refused = new Set<LogObservation>();
  const refuse: Refuse = (observation, why) => {
    if (refused.has(observation)) return;
    refused.add(observation);
    notProposed.set(why, (notProposed.get(why) ?? 0) + observation.count);
  };
  const place = rulesInPlace(loaded);
  const before = createReplay(loaded, now);
  const wanted: PlacedObservation[] = [];
  let allowed = 0;
  for (const observation of stepping(observations, 'different requests of the log', onStep)) {
    if (passes(await before.decide(observation.request, observation.caller))) allowed += observation.count;
    else wanted.push(...placeOne(observation, before, place, options, refuse));
  }
  for (;;) {
    const left = wanted.filter(({ observation }) => !refused.has(observation));
    const drafts = nameDrafts(inPlace(draftRules(left, options, refuse), place.end), place.rules.keys());
    const failures = refused.size;
    const amended = amend(loaded, drafts, place.end, refuse);
    if (!amended) {
      if (refused.size === failures) for (const { observation } of left) refuse(observation, invalid);
      continue;
    }
    const after = createReplay(amended, now);
    for (const draft of stepping(drafts, 'rules that are tried', onStep)) await verify(draft, after, refuse);
    if (refused.size === failures)
      for (const { observations: all } of await findWidened(drafts, before, after, passes, onStep))
        for (const one of all) refuse(one, 'its rule would change what others may do');
    if (refused.size === failures) return { text: amended.text, drafts, allowed, notProposed };
  }
}

/** An observed refusal is no allow. */
function passes({ effect, reason }: Decision): boolean {
  return effect === 'allow' && reason !== 'observed';
}

/** The rule that takes the request now. Empty if no rule can be put before it. */
function placeOne(
  observation: LogObservation,
  before: Replay,
  { rules, end, hidesLater }: RulesInPlace,
  { destinations }: DraftOptions,
  refuse: Refuse,
): readonly PlacedObservation[] {
  const { request, rule } = observation;
  const taking = before.ruleOf(request);
  const placed = taking === undefined ? undefined : rules.get(taking);
  const obstacles: readonly (readonly [boolean | undefined, string])[] = [
    [
      destinations && request.destination === '',
      'the line names no destination, and a rule without one holds at every workload',
    ],
    [rules.has(rule) && rule !== taking, 'ports or a context chose the rule, and the log does not show them'],
    [
      hidesLater && (placed?.index ?? end) === end,
      'a rule after those of `rules` asks for ports or a context, and the log does not show them',
    ],
    [placed?.rule.public, 'a public rule takes the request'],
    [placed?.rule.require?.token === 'optional', 'a rule that needs no token takes the request'],
    [isOfClient(placed?.rule.require?.credential), 'a rule for a token endpoint takes the request'],
    [placed?.rule.require?.credential === 'wit', 'a rule for workload identity tokens takes the request'],
  ];
  const obstacle = obstacles.find(([isThere]) => isThere);
  if (!obstacle) return [{ observation, before: placed }];
  refuse(observation, obstacle[1]);
  return [];
}

/** In the order of the configuration. */
function inPlace(drafts: readonly Draft[], end: number): readonly Draft[] {
  return drafts.toSorted((a, b) => (a.before?.index ?? end) - (b.before?.index ?? end));
}

/** The configuration with the drafts. Undefined if some of them make it invalid: these are refused. */
function amend(
  loaded: LoadedConfig,
  drafts: readonly NamedDraft[],
  end: number,
  refuse: Refuse,
): LoadedConfig | undefined {
  if (drafts.length === 0) return loaded;
  try {
    return parseWithoutFiles(amendText(loaded.text, amendmentsOf(drafts, end)), loaded.file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  const half = Math.ceil(drafts.length / 2);
  if (drafts.length > 1)
    for (const part of [drafts.slice(0, half), drafts.slice(half)]) amend(loaded, part, end, refuse);
  else for (const one of drafts[0]?.observations ?? []) refuse(one, invalid);
  return undefined;
}

const invalid = 'its rule would not be valid, for example because too many callers send the request';

async function verify({ observations }: NamedDraft, after: Replay, refuse: Refuse): Promise<void> {
  for (const observation of observations) {
    const decision = await after.decide(observation.request, observation.caller);
    if (!passes(decision)) refuse(observation, `a rule for it would still refuse it: ${decision.reason}`);
  }
}
