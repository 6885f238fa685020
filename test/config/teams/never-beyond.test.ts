import test from 'ava';
import fc from 'fast-check';
import { delegations } from '../../../src/config/delegate-schema.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { acceptTeam, platformOf } from '../../../src/config/teams/accept.ts';
import { type Reach, reachOf } from '../../../src/config/teams/reach.ts';
import { Denial } from '../../../src/core/denial.ts';
import { matchesSpiffePattern, parseSpiffeId } from '../../../src/core/peer/spiffe-id.ts';
import { matchesHost, parseHost, possibleHosts } from '../../../src/core/policy/host.ts';
import { Routes } from '../../../src/core/policy/routes.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { createRules } from '../../../src/serve/create-policy.ts';

const { config } = parseConfig('rules: [{name: a, public: true}]\n', 'x');
const platform = platformOf({}, config);

const parts = (...more: string[]) =>
  fc.array(fc.constantFrom('a', 'b', ...more), { minLength: 1, maxLength: 3 });
const tail = fc.constantFrom('', '', '.', ':80');
const host = (...more: string[]) =>
  fc.tuple(parts(...more), tail).map(([labels, end]) => labels.join('.') + end);
const workload = (...more: string[]) =>
  fc
    .tuple(fc.constantFrom('one', 'two'), parts(...more))
    .map(([domain, path]) => `spiffe://${domain}/${path.join('/')}`);
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 2 });

const delegation = fc.record({
  destinations: some(fc.oneof(workload('*', '**', '**', '**'), fc.constant('spiffe://one/**'))),
  hosts: some(fc.oneof(host('*', '**', '**', '**'), fc.constant('**'))),
  mayOmitDestinations: fc.boolean(),
});
const destinations = some(workload('*', '**'));
const hosts = some(host('*', '**', 'A'));
const match = fc.oneof(
  { weight: 3, arbitrary: fc.record({ destinations, hosts }) },
  { weight: 1, arbitrary: fc.record({ protocol: fc.constant('tcp'), destinations }) },
);
/** Without a host it is a connection. */
const request = fc.record({
  destination: fc.oneof(workload(), fc.constant('')),
  host: fc.option(host('A'), { nil: undefined, freq: 4 }),
});

/** What the delegation says about a request, by itself: not by what contains what. */
function isWithin(
  { destinations, hosts }: Reach,
  asked: { destination: string; host: string | undefined },
  mayOmit: boolean,
): boolean {
  const id = parseSpiffeId(asked.destination);
  const isTheirs = !(id instanceof Malformed) && destinations.some((one) => matchesSpiffePattern(one, id));
  if (asked.host === undefined) return isTheirs && hosts.length === 0;
  const named = parseHost(asked.host);
  if (named instanceof Malformed) return false;
  const isTheirHost = possibleHosts(named, {}).some((one) =>
    hosts.some((pattern) => matchesHost(pattern, one)),
  );
  if (hosts.length > 0 && !isTheirHost) return false;
  return isTheirs || (hosts.length > 0 && (mayOmit || destinations.length === 0));
}

test('a team – no request outside of what is delegated ever meets its rules', (t) => {
  const seen = { accepted: 0, refused: 0, met: 0 };
  fc.assert(
    fc.property(
      delegation,
      match,
      fc.array(request, { minLength: 4, maxLength: 12 }),
      (delegated, wanted, requests) => {
        const given = { owner: 'team', namespaces: [], issuers: [], mayBePublic: true, ...delegated };
        const parsed = delegations.safeParse([given]).data?.[0];
        if (!parsed) return;
        const reach = reachOf(parsed, [], []);
        const text = JSON.stringify({ owner: 'team', rules: [{ name: 'a', match: wanted, public: true }] });
        const outcome = acceptTeam({ owner: 'team', file: 'x', text }, reach, platform);
        if (!('rules' in outcome)) {
          seen.refused++;
          return;
        }
        seen.accepted++;
        const routes = new Routes(createRules({ ...config, rules: [], teams: [outcome] }));
        for (const { destination, host: name } of requests) {
          const route = routes.match({
            ...{ peer: {}, context: {}, destination: { principal: destination, port: 80 } },
            ...(name !== undefined && { request: { method: 'GET', host: name, path: '/', headers: {} } }),
          });
          if (route instanceof Denial) continue;
          seen.met++;
          if (!isWithin(reach, { destination, host: name }, delegated.mayOmitDestinations))
            throw new Error(`${text} meets ${name ?? 'a connection'} at ${destination}`);
        }
      },
    ),
    { numRuns: 3_000, seed: 20_261_127 },
  );
  t.true(seen.accepted > 80 && seen.refused > 80 && seen.met > 40, JSON.stringify(seen));
});
