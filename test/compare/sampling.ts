import { compare } from '../../src/compare/compare.ts';
import type { TrialRequest } from '../../src/trial/trial.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';
import { createOracle, now, parse, shows } from './judged.ts';
import { requestFor } from './made-request.ts';
import { randomConfiguration, type WrittenConfiguration } from './random-configuration.ts';
import { regressions } from './regressions.ts';

/** What random requests found about two random configurations, and the comparison did not. */
export interface Sampled {
  readonly differences: number;
  readonly missed: readonly string[];
}

/** Changes a random configuration in one to three places, and samples requests on both sides. */
export async function sample(seed: number, requests: number): Promise<Sampled> {
  const random = seededRandom(seed);
  const one = randomConfiguration(random);
  const other = structuredClone(one);
  const shown: TrialRequest[] = [];
  const changed = new Set<string>();
  for (let changes = 1 + random.integer(3); changes > 0; changes--) {
    const rule = random.pick(other.rules);
    changed.add(rule.name);
    const request = random.pick(Object.values(regressions))(rule, other, random);
    if (request) shown.push(request);
  }
  const sides = random.integer(2) === 0 ? ([one, other] as const) : ([other, one] as const);
  const [before, after] = [parse(sides[0], 'old.yaml'), parse(sides[1], 'new.yaml')];
  if (!before || !after) return { differences: 0, missed: [] };
  const comparison = await compare(before, after, { now, limit: 50_000 });
  const [judgeBefore, judgeAfter] = [createOracle(before), createOracle(after)];
  const missed = new Set<string>();
  let differences = 0;
  for (let count = 0; count < requests; count++) {
    const request = shown[count] ?? randomRequest(sides, changed, random);
    const [old, next] = [await judgeBefore(request), await judgeAfter(request)];
    if (old.allows === next.allows) continue;
    differences++;
    const change = next.allows ? 'widens' : 'narrows';
    if (!shows(comparison, change, old, next))
      missed.add(
        `${seed} ${change} ${old.rule} ${old.reason}, ${next.rule} ${next.reason}: ${JSON.stringify(request)}`,
      );
  }
  return { differences, missed: [...missed] };
}

/** The request of one rule, sometimes from the caller of another, and sometimes without one part. */
function randomRequest(
  sides: readonly WrittenConfiguration[],
  changed: ReadonlySet<string>,
  random: SeededRandom,
): TrialRequest {
  const make = () => {
    const side = random.pick(sides);
    // Most differences are near what was changed.
    const near = side.rules.filter(({ name }) => changed.has(name));
    const rules = near.length > 0 && random.next() < 0.7 ? near : side.rules;
    return requestFor(random.pick(rules), side, random);
  };
  const [request, another] = [make(), make()];
  const { token, ...rest } = request;
  const changes: readonly (() => TrialRequest)[] = [
    () => request,
    () => request,
    () => ({ ...request, method: another.method }),
    () => ({ ...request, path: another.path }),
    () => ({ ...request, host: another.host }),
    () => ({ ...rest, ...(another.token && { token: another.token }), peer: another.peer }),
    () => ({ ...request, peer: another.peer }),
    () => ({ ...request, destination: another.destination }),
    () => rest,
    () => (token ? { ...request, token: { ...token, bound: token.bound !== true } } : request),
    () =>
      token
        ? { ...request, token: { ...token, claims: { ...another.token?.claims, ...token.claims } } }
        : rest,
  ];
  return random.pick(changes)();
}
