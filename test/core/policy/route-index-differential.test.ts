import test from 'ava';
import { matchesSpiffePattern, type SpiffeId } from '../../../src/core/peer/spiffe-id.ts';
import { type Host, matchesHost } from '../../../src/core/policy/host.ts';
import { RouteIndex } from '../../../src/core/policy/route-index.ts';
import type { HttpMatch, Rule } from '../../../src/core/policy/rule.ts';
import { atOnce } from '../../../src/lib/in-turns.ts';
import { matchesPattern } from '../../../src/lib/pattern.ts';
import { type SeededRandom, seededRandom } from '../../support/seeded-random.ts';
import { httpRule } from './rules.ts';

type HttpRule = Rule & { readonly match: HttpMatch };
interface Request {
  host: Host;
  method: string;
  path: string[];
  context: Record<string, string>;
  destination: SpiffeId | undefined;
  port: number;
}

/** Each rule in turn, each pattern in turn: the definition of "the first that matches". */
function naive(rules: readonly HttpRule[], asked: Request): Rule | undefined {
  const { host, method, path, context, destination, port } = asked;
  return rules.find(
    ({ match: { hosts, methods, paths, context: pairs, destinations, ports } }) =>
      (hosts.length === 0 || hosts.some((pattern) => matchesHost(pattern, host))) &&
      (ports.length === 0 || ports.includes(port)) &&
      (destinations.length === 0 ||
        (destination !== undefined &&
          destinations.some((pattern) => matchesSpiffePattern(pattern, destination)))) &&
      (methods.length === 0 || methods.includes(method)) &&
      (paths.length === 0 || paths.some((pattern) => matchesPattern(pattern, path))) &&
      Object.entries(pairs).every(([key, value]) => context[key] === value),
  );
}

function list<T>(random: SeededRandom, least: number, most: number, make: () => T): T[] {
  return Array.from({ length: least + random.integer(most - least + 1) }, make);
}

function pattern(random: SeededRandom, words: readonly string[], least: number, most: number): string[] {
  const wild = ['*', '**', '**'];
  const steps = list(random, least, most, () => random.pick(random.integer(3) ? words : wild));
  return steps.filter((step, n) => step !== '**' || steps[n - 1] !== '**');
}

function context(random: SeededRandom): Record<string, string> {
  return Object.fromEntries(list(random, 0, 2, () => [random.pick(['k', 'l']), random.pick(['1', '2'])]));
}

const tails = ['', '', '', ':80', '.'];
/** One is also a word of hosts and paths. */
const domains = ['td', 'a'];

function workload(random: SeededRandom, words: readonly string[]): SpiffeId {
  const trustDomain = random.pick(domains);
  const segments = list(random, 1, 3, () => random.pick(words));
  return { uri: `spiffe://${[trustDomain, ...segments].join('/')}`, trustDomain, segments };
}

function rule(random: SeededRandom, words: readonly string[], name: string): HttpRule {
  const base = httpRule(name);
  const match: HttpMatch = {
    protocol: 'http',
    hosts: list(random, 0, 2, () => ({
      labels: pattern(random, words.slice(0, 3), 1, 3),
      tail: random.pick(tails),
    })),
    ports: random.integer(4) ? [] : list(random, 1, 2, () => random.pick([1, 2])),
    destinations: random.integer(2)
      ? []
      : list(random, 1, 2, () => {
          const path = pattern(random, words.slice(0, 3), 1, 3);
          return { text: path.join('/'), trustDomain: random.pick(domains), path };
        }),
    methods: random.integer(3) ? [] : list(random, 1, 2, () => random.pick(['GET', 'POST'])),
    paths: list(random, 0, 2, () => pattern(random, words, 0, 4)),
    context: random.integer(3) ? {} : context(random),
  };
  return { ...base, match };
}

function request(random: SeededRandom, words: readonly string[]): Request {
  return {
    host: { labels: list(random, 1, 3, () => random.pick(words.slice(0, 3))), tail: random.pick(tails) },
    port: random.integer(3),
    destination: random.integer(4) ? workload(random, words.slice(0, 3)) : undefined,
    method: random.pick(['GET', 'POST', 'PUT']),
    path: list(random, 0, 5, () => random.pick(words)),
    context: random.integer(2) ? {} : context(random),
  };
}

const seed = 9110;
const few = ['a', 'b', 'c', 'd'];
for (const size of [1, 3, 10, 40])
  test(`route index – answers as the definition does: 12,000 requests to sets of ${size} random rules, seed ${seed}`, (t) => {
    const random = seededRandom(seed + size);
    const answers = new Map<string, number>();
    for (let set = 0; set < 300; set++) {
      const rules = Array.from({ length: size }, (_, n) => rule(random, few, String(n)));
      const index = atOnce(RouteIndex.make(rules));
      for (let n = 0; n < 40; n++) {
        const asked = request(random, few);
        const expected = naive(rules, asked)?.name;
        const found = index.find(asked)?.name;
        const kind = expected === undefined ? 'none' : expected === '0' ? 'first' : 'later';
        answers.set(kind, (answers.get(kind) ?? 0) + 1);
        if (found !== expected)
          return t.fail(
            `${JSON.stringify(asked)}: ${found} instead of ${expected} of ${JSON.stringify(rules.map(({ match }) => match))}`,
          );
      }
    }
    // Answers of each kind, or the comparison says little.
    for (const kind of size === 1 ? ['none', 'first'] : ['none', 'first', 'later'])
      t.true((answers.get(kind) ?? 0) > 5, `${kind}: ${answers.get(kind)}`);
  });

test(`route index – 10,000 rules give the answers of the definition, seed ${seed}`, (t) => {
  const random = seededRandom(seed);
  const words = [...few, ...Array.from({ length: 400 }, (_, n) => `w${n}`)];
  // Mostly narrow, as rules are: a service, a verb, a resource; some with wildcards; catch-alls at the end.
  const rules = Array.from({ length: 10_000 }, (_, n) => {
    const resource = random.pick(words);
    const path = random.pick([
      `/${resource}`,
      `/${resource}/*`,
      `/v1/${resource}/**`,
      `/v1/*/${resource}`,
      `/**/${resource}`,
    ]);
    const host = random.pick(['orders.*', '**.example', 'orders.example', `${random.pick(words)}.example`]);
    return n >= 9_990
      ? httpRule(String(n), {
          hosts: [random.pick(['a.**', '*.example'])],
          context: { policy: String(n % 3) },
        })
      : httpRule(String(n), { hosts: [host], methods: random.integer(2) ? ['GET'] : [], paths: [path] });
  });
  const index = atOnce(RouteIndex.make(rules));
  const found = new Set<string | undefined>();
  for (let n = 0; n < 1_500; n++) {
    const asked: Request = {
      host: { labels: [random.pick(['orders', 'a', random.pick(words)]), 'example'], tail: '' },
      destination: undefined,
      port: 0,
      method: random.pick(['GET', 'POST']),
      path: list(random, 0, 3, () => (random.integer(4) ? random.pick(words) : 'v1')),
      context: { policy: String(random.integer(4)) },
    };
    const expected = naive(rules, asked)?.name;
    found.add(expected);
    const answer = index.find(asked)?.name;
    if (answer !== expected) return t.fail(`${JSON.stringify(asked)}: ${answer} instead of ${expected}`);
  }
  t.true(found.has(undefined) && found.size > 100, `${found.size} different answers`);
});
