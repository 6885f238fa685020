import { setTimeout as sleep } from 'node:timers/promises';
import type { Kind } from './callers.ts';
import { Load, type Sample } from './load.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

/** What a scenario works on. */
export interface Stage {
  readonly world: World;
  readonly load: Load;
  /** A note, printed below the table. */
  note(text: string): void;
}

/** Ends a fault. */
export type Mend = () => Promise<unknown> | unknown;

/** A fault while requests continue, and its allowed effects. */
export interface Scenario {
  readonly name: string;
  /** It loads the machine or this process, so nothing else is played beside it. */
  readonly alone?: true;
  readonly world?: WorldOptions;
  /** Callers that are left out, because they would change the fault. */
  readonly without?: readonly Kind[];
  /** Additional callers. */
  readonly also?: readonly Kind[];
  /** Before the load begins. */
  prepare?(stage: Stage): Promise<void> | void;
  fault(stage: Stage): Promise<Mend> | Mend;
  /** The answers during the fault, if they are not the usual ones. */
  readonly during?: Readonly<Partial<Record<Kind, readonly number[]>>>;
  /** Answers that any caller may get for a moment when the fault begins and ends. */
  readonly passing?: readonly number[];
  /** Checks under way get no answer. At `open` Envoy lets these requests in, and Peerproof cannot prevent it. */
  readonly unanswered?: boolean;
  /** Milliseconds until every caller notices it. Until then both answers are correct. 0 by default. */
  readonly settle?: number;
  /** Milliseconds that it lasts after that; 4 s by default. */
  readonly lasts?: number;
  /** Further conditions during the fault, checked near its end. @returns the ones that do not hold */
  observe?(stage: Stage): Promise<readonly (string | false)[]>;
  /** The most milliseconds until all answers are the usual ones again. */
  readonly recovers: number;
  /** Further conditions at the end. @returns the ones that do not hold */
  after?(stage: Stage): Promise<readonly (string | false)[]>;
}

/** The result of one scenario. */
export interface Outcome {
  readonly name: string;
  /** From the fault to the end. */
  readonly samples: readonly Sample[];
  readonly wrong: number;
  /** Let in by Envoy without an answer, in a scenario where that cannot be prevented. */
  readonly letInByEnvoy: number;
  /** Milliseconds until all answers were the usual ones. Undefined if that did not happen. */
  readonly recovered: number | undefined;
  readonly failures: readonly string[];
  readonly notes: readonly string[];
}

/** Milliseconds of usual answers that are required before and after the fault. */
const goodFor = 1_500;
const quiet = 1_500;
/** Milliseconds in addition to those of a scenario, because other programs use the machine too. */
const patience = 5_000;

/** Runs one scenario, from usual answers to usual answers. */
export async function play(scenario: Scenario): Promise<Outcome> {
  const { name, settle = 0, lasts = 4_000, recovers } = scenario;
  const world = await startWorld(scenario.world ?? {});
  const load = new Load(world, scenario.without, scenario.also);
  const [failures, notes]: [string[], string[]] = [[], []];
  const stage: Stage = { world, load, note: (text) => notes.push(text) };
  const found = (list: readonly (string | false)[] = []) => {
    failures.push(...list.filter((text) => text !== false));
  };
  try {
    await scenario.prepare?.(stage);
    load.start();
    await sleep(goodFor);
    const began = performance.now();
    const mend = await scenario.fault(stage);
    const felt = performance.now() + settle;
    await sleep(settle + lasts);
    found(await scenario.observe?.(stage));
    const mended = performance.now();
    await mend();
    const recovered = await recovery(load, mended, performance.now() + recovers + quiet + patience);
    found(await scenario.after?.(stage));
    await load.stop();

    const judged = judge(scenario, load, { began, felt, mended });
    found(judged.failures);
    found([
      recovered === undefined && 'not well again',
      recovered !== undefined && recovered > recovers && `well again after ${Math.round(recovered)} ms only`,
    ]);
    const samples = load.samples.filter((sample) => sample.began + sample.ms >= began);
    return { name, samples, recovered, failures, notes, ...judged.counts };
  } finally {
    await load.stop();
    await world.stop();
  }
}

/**
 * Milliseconds from `mended` to the last unusual answer, when none has come for a while and every caller got an answer.
 */
async function recovery(load: Load, mended: number, deadline: number): Promise<number | undefined> {
  while (performance.now() <= deadline) {
    const since = load.samples.filter(({ began }) => began >= mended);
    const unusual = since.findLast(({ status, kind }) => status !== load.usual(kind));
    const last = unusual ? unusual.began + unusual.ms : mended;
    const answered = new Set(since.filter(({ began }) => began >= last).map(({ kind }) => kind));
    if (performance.now() - last >= quiet && load.kinds.every((kind) => answered.has(kind)))
      return last - mended;
    await sleep(50);
  }
  return undefined;
}

/** Compares each answer with the one expected at its time. */
function judge(
  { during = {}, passing = [], unanswered = false }: Scenario,
  load: Load,
  { began, felt, mended }: { began: number; felt: number; mended: number },
): { failures: string[]; counts: { wrong: number; letInByEnvoy: number } } {
  const unexpected = new Map<string, number>();
  const seen = new Set<Kind>();
  const counts = { wrong: 0, letInByEnvoy: 0 };
  for (const { kind, listener, status, began: sent, ms, detail, letIn } of load.samples) {
    const usual = [load.usual(kind)];
    const inFault = during[kind] ?? usual;
    const [phase, expected] =
      sent + ms < began
        ? ['before', usual]
        : sent < felt || sent + ms > mended
          ? ['in between', [...usual, ...inFault, ...passing]]
          : ['during', inFault];
    if (phase === 'during') seen.add(kind);
    if (letIn === 'unasked' && unanswered && listener === 'open' && sent < felt) {
      counts.letInByEnvoy++;
      continue;
    }
    const wrong = letIn === 'wrongly' || letIn === 'unasked';
    if (wrong) counts.wrong++;
    if (expected.includes(status) && !wrong) continue;
    const how = letIn === 'unasked' ? ' without being asked about' : wrong ? ', wrongly' : '';
    const text = `${phase}: ${kind} at ${listener} got ${status}${how}${detail ? ` (${shortened(detail)})` : ''}`;
    unexpected.set(text, (unexpected.get(text) ?? 0) + 1);
  }
  const unseen = load.kinds
    .filter((kind) => !seen.has(kind))
    .map((kind) => `no ${kind} was answered during it`);
  return {
    failures: [...[...unexpected].map(([text, count]) => `${count} × ${text}`), ...unseen],
    counts,
  };
}

/** Without the parts that differ each time. */
function shortened(detail: string): string {
  return detail.replace(/,?"decision_id":"[^"]*"/, '').slice(0, 140);
}
