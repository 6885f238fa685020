import test from 'ava';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/config/load.ts';
import { platformOf } from '../../../src/config/teams/accept.ts';
import { admitTeams, createTeamMemory, type TeamCandidate } from '../../../src/config/teams/admit.ts';
import { reachOf } from '../../../src/config/teams/reach.ts';
import { atOnce } from '../../../src/lib/in-turns.ts';
import { platformText, teamText } from './team-folder.ts';

const platform = platformText().replace('include: rules.d/*.yaml\n', '');
const { config } = parseConfig(platform, 'x');

/** Teams of this platform, each with its own namespace unless others are named. */
function candidate(
  owner: string,
  text: TeamCandidate['text'],
  namespaces = [owner],
  file = `${owner}.yaml`,
): TeamCandidate {
  const [delegation] = config.delegate;
  if (!delegation) throw new TypeError('no delegation');
  return {
    owner,
    file,
    text,
    reach: reachOf({ ...delegation, owner, context: ['a', 'c'] }, ['cluster.local'], namespaces),
  };
}

function createAdmit(memory = createTeamMemory(), settings = platform) {
  return (...candidates: TeamCandidate[]) => {
    const { teams, states } = atOnce(admitTeams(candidates, platformOf(parse(settings), config), memory));
    return {
      teams,
      rules: teams.flatMap(({ owner, rules }) => rules.map(({ name }) => `${owner}/${name}`)),
      states: states.map(({ owner, state, rules }) => `${owner} ${state} ${rules}`),
      problems: states.flatMap(({ problems }) =>
        problems.map(({ file, key, message }) => `${file} ${key} ${message}`),
      ),
    };
  };
}

const good = teamText('payments');

test('teams – a change of one team does not check the others again', (t) => {
  const admit = createAdmit();
  const before = admit(candidate('payments', good), candidate('billing', teamText('billing')));
  const after = admit(
    candidate('payments', good),
    candidate('billing', teamText('billing', { path: '/bill' })),
  );
  t.is(after.teams[0]?.rules, before.teams[0]?.rules);
  t.not(after.teams[1]?.rules, before.teams[1]?.rules);
});

test('teams – another delegation or setting of the platform checks an unchanged text again', (t) => {
  const memory = createTeamMemory();
  const [first] = createAdmit(memory)(candidate('payments', good)).teams;
  t.is(createAdmit(memory)(candidate('payments', good)).teams[0]?.rules, first?.rules);
  const other = createAdmit(memory, `${platform}hosts: {ignorePort: true}\n`)(candidate('payments', good));
  t.not(other.teams[0]?.rules, first?.rules);
  t.deepEqual(createAdmit(memory)(candidate('payments', good, ['elsewhere'])).states, [
    'payments left_out 0',
  ]);
});

test('teams – a broken text leaves the last good one at work, until it is good again', (t) => {
  const admit = createAdmit();
  t.deepEqual(admit(candidate('payments', good)).states, ['payments accepted 1']);
  for (const text of ['owner: [', good.replace('[corp]', '[nobody]'), '']) {
    const { rules, states, problems } = admit(candidate('payments', text));
    t.deepEqual([rules, states, problems.length > 0], [['payments/pay'], ['payments last_good 1'], true]);
  }
  const unreadable = { file: 'payments.yaml', line: 1, key: '', message: 'cannot be read (EACCES)' };
  t.deepEqual(admit(candidate('payments', unreadable)).problems, ['payments.yaml  cannot be read (EACCES)']);
  const mended = admit(candidate('payments', teamText('payments', { rule: 'mended' })));
  t.deepEqual([mended.rules, mended.states], [['payments/mended'], ['payments accepted 1']]);
});

test('teams – the last good text is judged by what is delegated now', (t) => {
  const admit = createAdmit();
  admit(candidate('payments', good));
  const narrower = admit(candidate('payments', 'owner: [', ['elsewhere']));
  t.deepEqual([narrower.rules, narrower.states], [[], ['payments left_out 0']]);
  t.deepEqual(admit(candidate('payments', 'owner: [')).states, ['payments last_good 1']);
  const nothing = { file: 'payments.yaml', line: 1, key: '', message: 'has no delegation' };
  t.deepEqual(admit({ ...candidate('payments', 'owner: ['), reach: nothing }).states, [
    'payments left_out 0',
  ]);
});

test('teams – a delegation that was taken away leaves nothing at work, also if it comes back', (t) => {
  const admit = createAdmit();
  admit(candidate('payments', good));
  const nothing = { file: 'payments.yaml', line: 1, key: '', message: 'has no delegation' };
  admit({ ...candidate('payments', good), reach: nothing });
  t.deepEqual(admit(candidate('payments', 'owner: [')).states, ['payments left_out 0']);
});

test('teams – a team takes back its rules with an empty list', (t) => {
  const admit = createAdmit();
  admit(candidate('payments', good));
  t.deepEqual(admit(candidate('payments', 'owner: payments\nrules: []\n')).states, ['payments accepted 0']);
  t.deepEqual(admit(candidate('payments', 'owner: [')).states, ['payments last_good 0']);
});

test('teams – a text that is gone leaves nothing at work, also if it comes back broken', (t) => {
  const admit = createAdmit();
  admit(candidate('payments', good));
  t.deepEqual(admit().rules, []);
  t.deepEqual(admit(candidate('payments', 'owner: [')).states, ['payments left_out 0']);
});

test('teams – the first of two texts of one owner counts', (t) => {
  const { rules, problems } = createAdmit()(
    candidate('payments', good),
    candidate('payments', teamText('payments', { rule: 'more' }), ['payments'], 'second.yaml'),
  );
  t.deepEqual(rules, ['payments/pay']);
  t.deepEqual(problems, [
    'second.yaml owner is a second place for the rules of payments: payments.yaml counts; move the rules there',
  ]);
});

const shared = ['shared'];
const ofShared = (owner: string, path = '/pay') =>
  candidate(owner, teamText(owner, { path, namespace: 'shared' }), shared);

test('teams – of two teams on one route the first decides, and the other is told', (t) => {
  const admit = createAdmit();
  const { rules, states, problems } = admit(ofShared('payments'), ofShared('billing', '/*'));
  t.deepEqual(rules, ['payments/pay', 'billing/pay']);
  t.deepEqual(states, ['payments accepted 1', 'billing conflicted 1']);
  t.deepEqual(problems, [
    'billing.yaml rules[0].match some requests of the rule pay are decided by payments/pay, which is tried first: narrow one of the two',
  ]);
  t.deepEqual(admit(ofShared('billing', '/*'), ofShared('payments')).states, [
    'billing accepted 1',
    'payments conflicted 1',
  ]);
});

const rule = (match: string) =>
  `[{name: a, match: {destinations: ["spiffe://cluster.local/ns/shared/sa/api"], ${match}}, require: {issuers: [corp]}}]`;

for (const [title, one, other, isConflict] of [
  ['other paths', 'paths: [/a]', 'paths: [/b]', false],
  ['paths that meet below', 'paths: ["/a/**"]', 'paths: ["/*/b"]', true],
  ['other methods', 'methods: [GET]', 'methods: [POST]', false],
  ['a method and all of them', 'methods: [GET]', '', true],
  ['other hosts', 'hosts: [a.example]', 'hosts: [b.example]', false],
  ['a host with a port and without', 'hosts: ["a.example:8443"]', 'hosts: [a.example]', false],
  ['a wildcard and a host of it', 'hosts: ["*.example"]', 'hosts: [a.example]', true],
  ['other ports', 'ports: [80]', 'ports: [443]', false],
  ['other values of a context', 'context: {a: b}', 'context: {a: c}', false],
  ['another context', 'context: {a: b}', 'context: {c: d}', true],
] as const)
  test(`teams – conflicts: ${title}`, (t) => {
    const text = (owner: string, match: string) => `owner: ${owner}\nrules: ${rule(match)}\n`;
    const { states } = createAdmit()(
      candidate('payments', text('payments', one), shared),
      candidate('billing', text('billing', other), shared),
    );
    t.deepEqual(states, ['payments accepted 1', `billing ${isConflict ? 'conflicted' : 'accepted'} 1`]);
  });

test('teams – 200 teams that rule over the same places take no endless time to compare', (t) => {
  const rules = Array.from(
    { length: 50 },
    (_, at) =>
      `{name: r${at}, match: {destinations: ["spiffe://cluster.local/ns/shared/sa/api"], paths: ["/{}/${at}/**"]}, require: {issuers: [corp]}}`,
  ).join();
  const all = Array.from({ length: 200 }, (_, at) =>
    candidate(`team-${at}`, `owner: team-${at}\nrules: [${rules.replaceAll('{}', `t${at}`)}]`, shared),
  );
  const admit = createAdmit();
  admit(...all);
  const began = process.cpuUsage();
  t.is(admit(...all).rules.length, 10_000);
  const { user } = process.cpuUsage(began);
  t.log(`${Math.round(user / 1000)} ms`);
});

test('teams – many texts are read in another process, and a wrong one concerns no other', (t) => {
  const text = (owner: string) => `${teamText(owner)}# ${'x'.repeat(10_000)}\n`;
  const all = Array.from({ length: 30 }, (_, at) => candidate(`team-${at}`, text(`team-${at}`)));
  const wrong = candidate('team-7', `${text('team-7')}rules: [\n`);
  const { states, problems } = createAdmit()(...all.map((one) => (one.owner === 'team-7' ? wrong : one)));
  t.deepEqual(
    states.filter((state) => !state.endsWith('accepted 1')),
    ['team-7 left_out 0'],
  );
  t.deepEqual(problems, createAdmit()(wrong).problems);
  t.regex(problems.join(), /^team-7\.yaml {2}is not YAML/);
});
