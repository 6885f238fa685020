import { type Compared, compare } from '../../src/compare/compare.ts';
import type { ChangeKind } from '../../src/compare/finding.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { parseWithoutFiles } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { createTrial, type TrialRequest } from '../../src/trial/trial.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';
import { randomConfiguration, textOf, type WrittenConfiguration } from './random-configuration.ts';
import { regressions } from './regressions.ts';

export const now = Date.UTC(2026, 0, 1);

/** Undefined if the configuration is not valid. A random change can make it so. */
export function parse(configuration: WrittenConfiguration, file: string): LoadedConfig | undefined {
  try {
    return parseWithoutFiles(textOf(configuration), file);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** What a side says of a request, without anything of `src/compare/`. */
export function createOracle(loaded: LoadedConfig) {
  const trial = createTrial(loaded, now);
  return async (request: TrialRequest) => {
    const known = !request.token || trial.issuers.has(request.token.issuer);
    const { token: _, ...anonymous } = request;
    // A token of an issuer that the side does not know.
    const foreign = { ...anonymous, headers: { ...request.headers, authorization: 'Bearer foreign' } };
    const decision = await trial.decide(known ? request : foreign);
    return { allows: decision.effect === 'allow', rule: decision.found.rule?.name, reason: decision.reason };
  };
}

export type Opinion = Awaited<ReturnType<ReturnType<typeof createOracle>>>;

/** Whether a comparison has a finding of this kind about these rules. */
export function shows({ findings }: Compared, change: ChangeKind, before: Opinion, after: Opinion): boolean {
  return findings.some(
    ({ change: found, verdicts }) =>
      found === change && verdicts[0].rule === before.rule && verdicts[1].rule === after.rule,
  );
}

export interface SeededRegression {
  readonly kind: string;
  readonly before: LoadedConfig;
  readonly after: LoadedConfig;
  readonly request: TrialRequest;
  readonly opinions: readonly [Opinion, Opinion];
}

/** A regression that really lets a request in: both sides were asked about it. The same for each seed. */
export async function seedRegression(seed: number): Promise<SeededRegression> {
  const random = seededRandom(seed);
  const kinds = Object.entries(regressions);
  // Each kind has its turn. If nothing of it can be shown in this configuration, another one is used.
  for (let at = seed; ; at++) {
    const configuration = randomConfiguration(random);
    const [kind, regress] = kinds[at % kinds.length] ?? ['', () => undefined];
    const before = parse(configuration, 'old.yaml');
    const judgeBefore = before && createOracle(before);
    for (const index of shuffled(configuration.rules.length, random).slice(0, 12)) {
      const changed = structuredClone(configuration);
      const rule = changed.rules[index];
      const request = rule && regress(rule, changed, random);
      const old = request && (await judgeBefore?.(request));
      if (!before || !old || old.allows) continue;
      const after = parse(changed, 'new.yaml');
      const next = after && (await createOracle(after)(request));
      const opinions = next && ([old, next] as const);
      if (after && opinions?.[1].allows) return { kind, before, after, request, opinions };
    }
  }
}

/** What the comparison does not show of a regression. Every fourth is also compared the other way round. */
export async function missed(regression: SeededRegression, seed: number): Promise<string | undefined> {
  const { kind, before, after, opinions, request } = regression;
  const options = { now, limit: 50_000 };
  const [old, next] = opinions;
  const widened = await compare(before, after, options);
  const about = `${seed} ${kind}: ${old.rule}: ${old.reason}, then ${next.rule}: ${JSON.stringify(request)}`;
  if (!shows(widened, 'widens', old, next)) return `not widened: ${about}`;
  if (seed % 4 > 0) return undefined;
  const narrowed = await compare(after, before, options);
  return shows(narrowed, 'narrows', next, old) ? undefined : `not narrowed: ${about}`;
}

export function shuffled(length: number, random: SeededRandom): number[] {
  const left = Array.from({ length }, (_, index) => index);
  return Array.from({ length }, () => left.splice(random.integer(left.length), 1)[0] as number);
}
