import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import type { ConfigInput } from '../../src/config/schema.ts';
import { attempts, platform } from '../config/teams/attempts.ts';
import { waitFor } from '../support/wait.ts';
import { clusterTest, hasCluster } from './programs.ts';
import { type StatusOfRules, startTeamWorld, type TeamReplica, type TeamWorld } from './team-world.ts';

let world: TeamWorld;
let replica: TeamReplica;

const workload = (namespace: string) => `spiffe://cluster.local/ns/${namespace}/sa/api`;
/** A rule that lets every request to a path of the workload pass. */
const open = (namespace: string, path: string, name = 'open') => ({
  ...{ name, public: true },
  match: { destinations: [workload(namespace)], paths: [path] },
});

const config: Omit<ConfigInput, 'listen'> = {
  ...(parse(platform) as Pick<ConfigInput, 'issuers' | 'peers' | 'rules'>),
  issuers: {
    corp: { issuer: 'https://127.0.0.1:1', audiences: ['payments'] },
    partner: { issuer: 'https://127.0.0.1:2', audiences: ['payments'] },
  },
  delegate: [
    ...parse(platform).delegate,
    { owner: 'shop', namespaces: ['shop', 'shop-jobs'], mayBePublic: true },
    { owner: 'store', namespaces: ['store-prod'], mayBePublic: true },
    { owner: 'mall', namespaces: ['mall'], destinations: [workload('shop')], mayBePublic: true },
  ],
};

if (hasCluster)
  test.before(async () => {
    world = await startTeamWorld();
    replica = await world.start({ ...config, rulesFrom: world.rulesFrom });
  });
test.after.always(async () => {
  await replica?.drain();
  await world?.close();
});

const condition = (status: StatusOfRules | undefined, type: string) =>
  status?.conditions.find((one) => one.type === type);

/** What became of an object: the status of each condition. */
function say(t: ExecutionContext, status: StatusOfRules, expected: Readonly<Record<string, string>>): void {
  const said = status.conditions.map(({ type, status: is }) => [type, is]);
  t.deepEqual(Object.fromEntries(said), expected, JSON.stringify(status));
}

/** The time of an object has no parts of a second. Of two objects of one second, the name decides. */
const aSecondLater = () => new Promise((resolve) => setTimeout(resolve, 1_100));

const well = { Accepted: 'True', Programmed: 'True', Conflicted: 'False' };
const refused = { Accepted: 'False', Programmed: 'False', Conflicted: 'False' };

clusterTest(
  'rules of teams – an object is at work, its status says so, and it goes with the object',
  async (t) => {
    t.is(await replica.ask(workload('shop'), '/first'), 'no_rule');
    const { status: created } = await world.apply('shop', 'rules', { rules: [open('shop', '/first')] });
    t.is(created, 201);
    const status = await world.judged('shop', 'rules');
    say(t, status, well);
    t.is(status.rules, 1);
    t.is(condition(status, 'Programmed')?.message, 'At work: 1 rule.');
    t.is(await replica.ask(workload('shop'), '/first'), 'public');
    t.is(await replica.ask(workload('payments'), '/first'), 'no_rule');

    await world.apply('shop', 'rules', { rules: [open('shop', '/second')] });
    t.is((await world.judged('shop', 'rules')).observedGeneration, 2);
    t.is(await replica.ask(workload('shop'), '/first'), 'no_rule');
    t.is(await replica.ask(workload('shop'), '/second'), 'public');

    await world.remove('shop', 'rules');
    await waitFor(
      'the rules are gone',
      5_000,
      async () => (await replica.ask(workload('shop'), '/second')) === 'no_rule',
    );
    t.pass();
  },
);

clusterTest(
  'rules of teams – a broken form leaves the last good one at work, and other teams never notice',
  async (t) => {
    await world.apply('shop', 'rules', { rules: [open('shop', '/good')] });
    await world.judged('shop', 'rules');
    await world.apply('shop', 'rules', { rules: [{ ...open('shop', '/broken'), requir: {} }] });
    const status = await world.judged('shop', 'rules');
    say(t, status, refused);
    t.like(condition(status, 'Accepted'), {
      reason: 'Refused',
      message:
        'spec.rules[0].requir: is not a setting; settings here: name, mode, match, require, public; did you mean "require"?',
      observedGeneration: 2,
    });
    t.like(condition(status, 'Programmed'), { reason: 'LastGoodForm' });
    t.is(status.rules, 1);
    t.is(await replica.ask(workload('shop'), '/good'), 'public');
    t.is(await replica.ask(workload('shop'), '/broken'), 'no_rule');
    const { status: ready, body } = await replica.readyz();
    t.is(ready, 200);
    t.is(body.owners.shop.reason, 'last_good');
    await world.remove('shop', 'rules');
  },
);

clusterTest(
  'rules of teams – a status that somebody else wrote changes nothing, and is put right',
  async (t) => {
    const lie = { ...refused, Accepted: 'True', Programmed: 'True', Granted: 'True' };
    const conditions = Object.entries(lie).map(([type, status]) => ({
      ...{ type, status, reason: 'Mine', message: 'I say so', lastTransitionTime: '2020-01-01T00:00:00Z' },
    }));
    await world.apply('payments', 'rules', { rules: [open('payments', '/open')] });
    await world.judged('payments', 'rules');
    const path = '/apis/peerproof.io/v1alpha1/namespaces/payments/authorizationrules/rules/status';
    const { status: written } = await world.plane.ask('PATCH', path, { status: { rules: 50, conditions } });
    t.is(written, 200);
    t.is(await replica.ask(workload('payments'), '/open'), 'no_rule');
    await waitFor('the status is right again', 10_000, async () => {
      const status = await world.status('payments', 'rules');
      return status?.rules === 0 && condition(status, 'Accepted')?.status === 'False';
    });
    const status = await world.status('payments', 'rules');
    t.deepEqual(status?.conditions.map(({ type }) => type).toSorted(), [
      'Accepted',
      'Conflicted',
      'Programmed',
    ]);
    await world.remove('payments', 'rules');
  },
);

clusterTest(
  'rules of teams – of two teams on one route the older object wins, and the other one learns it',
  async (t) => {
    await world.apply('shop', 'rules', { rules: [open('shop', '/route', 'older')] });
    await aSecondLater();
    await world.apply('mall', 'rules', { rules: [open('shop', '/route', 'younger')] });
    const younger = await world.judged('mall', 'rules');
    say(t, younger, { ...well, Conflicted: 'True' });
    t.regex(
      condition(younger, 'Conflicted')?.message ?? '',
      /^spec\.rules\[0\]\.match: some requests of the rule younger are decided by shop\/older/,
    );
    say(t, await world.judged('shop', 'rules'), well);
    await world.remove('shop', 'rules');
    await waitFor('the conflict is over', 10_000, async () => {
      const status = await world.status('mall', 'rules');
      return condition(status, 'Conflicted')?.status === 'False';
    });
    await world.remove('mall', 'rules');
    t.pass();
  },
);

/** They are about YAML, and an object is JSON. */
const ofYaml = new Set(['aliases that grow', 'lists without an end', 'a huge text']);

for (const { title, rules, refusals } of attempts.filter((one) => !ofYaml.has(one.title)))
  clusterTest(`rules of teams – a team does not reach beyond its delegation: ${title}`, async (t) => {
    const spec = parse(`rules: ${rules}`, { maxAliasCount: 100 });
    const { status: answered, body } = await world.apply('payments', 'attempt', spec);
    if (answered === 422) {
      // What the definition of the kind says already.
      t.regex(body.message, /spec\.rules/);
      return;
    }
    t.is(answered, 201, body.message);
    const status = await world.judged('payments', 'attempt');
    say(t, status, refused);
    t.is(status.rules, 0);
    const message = condition(status, 'Accepted')?.message ?? '';
    for (const [key, said] of refusals) {
      t.true(message.includes(key === '' ? '' : `spec.${key}: `), message);
      t.regex(message.replaceAll('settings here: rules', 'settings here: owner, rules'), said);
    }
    await world.remove('payments', 'attempt');
  });

const elsewhere: readonly (readonly [
  title: string,
  write: () => Promise<unknown>,
  object: readonly [string, string],
  message: RegExp,
])[] = [
  [
    'a second object in its namespace',
    async () => {
      await world.apply('shop', 'a', { rules: [open('shop', '/a')] });
      await world.apply('shop', 'b', { rules: [open('shop', '/b')] });
    },
    ['shop', 'b'],
    /metadata\.namespace: is a second place for the rules of shop: AuthorizationRules shop\/a counts/,
  ],
  [
    'an object in another namespace of the team',
    async () => {
      await aSecondLater();
      await world.apply('shop-jobs', 'c', { rules: [open('shop-jobs', '/c')] });
    },
    ['shop-jobs', 'c'],
    /is a second place for the rules of shop/,
  ],
  [
    'a namespace without a delegation',
    () => world.apply('nobody', 'rules', { rules: [open('nobody', '/')] }),
    ['nobody', 'rules'],
    /metadata\.namespace: has no delegation: ask the platform for \{owner: …, namespaces: \[nobody\]/,
  ],
  [
    'a namespace that is called like an owner',
    async () => {
      await world.apply('store', 'rules', { rules: [open('store', '/')] });
      await world.apply('store-prod', 'rules', { rules: [open('store-prod', '/')] });
      await waitFor(
        'the owner rules',
        5_000,
        async () => (await replica.ask(workload('store-prod'))) === 'public',
      );
    },
    ['store', 'rules'],
    /has no delegation/,
  ],
  [
    'the name of another owner in its object',
    () => world.apply('payments', 'owner', { owner: 'billing', rules: [] }),
    ['payments', 'owner'],
    /spec\.owner: must be payments/,
  ],
  [
    'a huge object',
    () =>
      world.apply('payments', 'huge', {
        rules: Array.from({ length: 90 }, (_, at) => ({
          name: `r${at}`,
          require: { when: `true || "${'x'.repeat(4_000)}" == "a"` },
        })),
      }),
    ['payments', 'huge'],
    /is larger than 256 KiB/,
  ],
  [
    'an object that is nested deeply',
    () =>
      world.apply('payments', 'deep', {
        rules: [],
        more: JSON.parse(`${'['.repeat(900)}${']'.repeat(900)}`),
      }),
    ['payments', 'deep'],
    /spec\.more: is not a setting/,
  ],
];

for (const [title, write, [namespace, name], message] of elsewhere)
  clusterTest(`rules of teams – a team does not reach beyond its delegation: ${title}`, async (t) => {
    await write();
    const status = await world.judged(namespace, name);
    say(t, status, refused);
    t.regex(condition(status, 'Accepted')?.message ?? '', message);
    if (name !== 'b') await world.remove(namespace, name);
  });

clusterTest('rules of teams – metrics and /readyz say when the API server was last heard', async (t) => {
  const { body } = await replica.readyz();
  t.true(body.rules_from.kubernetes.age_s < 60);
  t.regex(await replica.metrics(), /peerproof_rules_from_up\{source="kubernetes"\} 1/);
  t.regex(await replica.metrics(), /peerproof_rule_status_writes_total\{result="failed"\} 0/);
});
