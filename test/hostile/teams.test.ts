import test, { type ExecutionContext } from 'ava';
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts';
import { leavingOut } from '../../src/config/teams/handling.ts';
import { Denial } from '../../src/core/denial.ts';
import { noneUsed } from '../../src/core/used/used-proofs.ts';
import { createPolicy } from '../../src/serve/create-policy.ts';
import { allowed, attempts, platform } from '../config/teams/attempts.ts';
import { createTeamFolder, type TeamFolder } from '../config/teams/team-folder.ts';

/**
 * Every attempt of a team to reach beyond its delegation, with a platform and another team beside it: whatever
 * its file holds, nobody else's requests are decided otherwise.
 */

const good = `owner: payments\nrules: ${allowed}\n`;
const billing = `owner: billing
rules:
- name: bill
  match: {destinations: ["spiffe://cluster.local/ns/billing/sa/api"], hosts: [billing.example.com], paths: [/bill]}
  require: {issuers: [corp]}
`;

function createWorld(t: ExecutionContext, payments: string): TeamFolder {
  return createTeamFolder(t, {
    'peerproof.yaml': `${platform}include: rules.d/*.yaml\n`,
    'rules.d/payments.yaml': payments,
    'rules.d/billing.yaml': billing,
  });
}

/** The rules that requests to the two workloads, to an unknown one and to a gateway meet. */
function decidedBy({ config }: LoadedConfig): readonly string[] {
  const { routes } = createPolicy(config, [], () => '', new Map(), noneUsed);
  const ask = (service: string, host: string, path: string): string => {
    const principal = service && `spiffe://cluster.local/ns/${service}/sa/api`;
    const route = routes.match({
      ...{ peer: {}, context: {}, destination: { principal, port: 80 } },
      request: { method: 'GET', host, path, headers: {} },
    });
    return route instanceof Denial ? route.reason : route.rule.name;
  };
  return [
    ask('payments', 'payments.example.com', '/pay'),
    ask('billing', 'billing.example.com', '/bill'),
    ask('billing', 'payments.example.com', '/bill'),
    ask('billing', 'billing.example.com', '/healthz'),
    ask('other', 'payments.example.com', '/pay'),
    ask('', 'payments.example.com', '/pay'),
    ask('', 'payments.example.com:8443', '/pay'),
  ];
}

const others = ['billing/bill', 'no_rule', 'health', 'no_rule', 'no_rule', 'no_rule'];

for (const { title, rules } of attempts)
  test(`teams – ${title}: nobody else notices, at a start and while the team is served`, (t) => {
    const text = `owner: payments\nrules: ${rules}\n`;
    const { file } = createWorld(t, text);
    const started = loadConfig(file, leavingOut());
    t.deepEqual(decidedBy(started), ['no_rule', ...others]);
    t.deepEqual(
      started.owners.map(({ owner, state }) => `${owner} ${state}`),
      ['payments left_out', 'billing accepted'],
    );
    const served = createWorld(t, good);
    const teams = leavingOut();
    const before = loadConfig(served.file, teams);
    t.deepEqual(decidedBy(before), ['payments/a', ...others]);
    served.put('rules.d/payments.yaml', text);
    const after = loadConfig(served.file, teams);
    t.deepEqual(decidedBy(after), ['payments/a', ...others]);
    t.is(after.version, before.version);
  });

for (const [title, name, text] of [
  ['the file of another team', 'rules.d/billing.yaml', good],
  ['a second file', 'rules.d/a-payments.yaml', good.replace('name: a', 'name: b')],
  ['a file for an owner of nobody', 'rules.d/operators.yaml', good.replace('payments', 'operators')],
] as const)
  test(`teams – ${title} gives the team nothing`, (t) => {
    const { file, put } = createWorld(t, good);
    put(name, text);
    const [own, , ...rest] = decidedBy(loadConfig(file, leavingOut()));
    t.deepEqual([own, ...rest], ['payments/a', ...others.slice(1)]);
  });
