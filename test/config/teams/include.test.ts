import { rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  type LoadedConfig,
  loadConfig,
  loadWithoutFiles,
  parseConfig,
  restoreConfig,
} from '../../../src/config/load.ts';
import { ConfigError, problemLine } from '../../../src/config/problem.ts';
import { leavingOut } from '../../../src/config/teams/handling.ts';
import { listRules } from '../../../src/serve/create-policy.ts';
import { createTeamFolder, platformText, teamText } from './team-folder.ts';

const world = (t: ExecutionContext, more: Readonly<Record<string, string>> = {}, platform = platformText()) =>
  createTeamFolder(t, {
    'peerproof.yaml': platform,
    'rules.d/payments.yaml': teamText('payments'),
    'rules.d/billing.yaml': teamText('billing', { rule: 'bill' }),
    ...more,
  });
const names = ({ config }: LoadedConfig) => listRules(config).map(({ name }) => name);
const all = ['first', 'payments/pay', 'billing/bill', 'last'];

/** What a command says. Empty if nothing is wrong. */
function said(load: () => LoadedConfig, folder: string): readonly string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => problemLine(problem).replace(`${folder}/`, ''));
  }
}

test('include – the rules of the platform, of teams in the order of delegate, and the last ones', (t) => {
  const { file } = world(t);
  const loaded = loadConfig(file);
  t.deepEqual(names(loaded), all);
  t.deepEqual(
    loaded.owners.map(({ owner, state, rules }) => [owner, state, rules]),
    [
      ['payments', 'accepted', 1],
      ['billing', 'accepted', 1],
    ],
  );
  t.deepEqual(
    loaded.watched.map((path) => path.slice(file.lastIndexOf('/') + 1)),
    ['rules.d', 'rules.d/payments.yaml', 'rules.d/billing.yaml'],
  );
  t.deepEqual(names(loadWithoutFiles(file)), all);
});

test('include – the version follows the rules at work, and without teams it is what it was before', (t) => {
  const { file, put } = world(t);
  const { version } = loadConfig(file);
  put('rules.d/billing.yaml', `# a comment\n${teamText('billing', { rule: 'bill' })}`);
  t.is(loadConfig(file).version, version);
  put('rules.d/billing.yaml', teamText('billing', { rule: 'other' }));
  t.not(loadConfig(file).version, version);
  const alone = 'rules: [{name: a, public: true}]\n';
  t.is(parseConfig(alone, 'x').version, '315053792926');
});

test('include – a weak rule of a team is named with its owner', (t) => {
  const text = teamText('billing', { rule: 'bill' }).replace('[corp]}', '[corp], binding: [none]}');
  const { file } = world(t, { 'rules.d/billing.yaml': text });
  t.deepEqual(
    loadConfig(file).warnings.filter((warning) => /binding none/.test(warning)),
    ['rule billing/bill: binding none accepts a stolen token from any sender'],
  );
});

test('include – what was handed over makes the same configuration without files', (t) => {
  const { file, put } = world(t);
  const loaded = loadConfig(file, leavingOut());
  const teams = leavingOut();
  const restored = restoreConfig(loaded, teams);
  t.deepEqual([names(restored), restored.version], [all, loaded.version]);
  put('rules.d/billing.yaml', 'owner: [');
  const next = loadConfig(file, teams);
  t.deepEqual([names(next), next.version], [all, loaded.version]);
  t.deepEqual(
    next.owners.map(({ state }) => state),
    ['accepted', 'last_good'],
  );
});

/** What is in the folder, and what is said about it. Nobody else is concerned. */
const broken: readonly (readonly [
  title: string,
  change: (folder: string, put: (name: string, text: string) => void) => void,
  line: RegExp,
])[] = [
  [
    'the file of another team for its owner',
    (_, put) => put('rules.d/billing.yaml', teamText('payments')),
    /^rules\.d\/billing\.yaml:1: owner: must be billing, because this is where the rules of billing are read from$/,
  ],
  [
    'a second file for its owner',
    (_, put) => put('rules.d/payments2.yaml', teamText('payments', { rule: 'more' })),
    /^rules\.d\/payments2\.yaml:1: has no delegation: add \{owner: payments2, …\} to delegate, or remove the file; did you mean "payments"\?$/,
  ],
  [
    'an owner in capitals',
    (_, put) => put('rules.d/Payments.yaml', teamText('Payments')),
    /^rules\.d\/Payments\.yaml:1: has no delegation/,
  ],
  [
    'no owner',
    (_, put) => put('rules.d/billing.yaml', teamText('billing').replace('owner: billing\n', '')),
    /^rules\.d\/billing\.yaml:1: owner: is missing/,
  ],
  [
    'a link out of the folder',
    (folder, put) => {
      put('elsewhere/billing.yaml', teamText('billing'));
      put('rules.d/billing.yaml', '');
      replaceByLink(folder, 'rules.d/billing.yaml', '../elsewhere/billing.yaml');
    },
    /^rules\.d\/billing\.yaml:1: is a link that leads out of its folder: put the file itself there$/,
  ],
  [
    'a link to a folder that only begins like its own',
    (folder, put) => {
      put('rules.d.old/billing.yaml', teamText('billing'));
      replaceByLink(folder, 'rules.d/billing.yaml', '../rules.d.old/billing.yaml');
    },
    /leads out of its folder/,
  ],
  [
    'a link to nothing',
    (folder) => replaceByLink(folder, 'rules.d/billing.yaml', 'nowhere'),
    /cannot be read \(ENOENT\): there is no such file/,
  ],
  [
    'a folder',
    (folder, put) => {
      put('rules.d/sub/x', '');
      replaceByLink(folder, 'rules.d/billing.yaml', 'sub');
    },
    /^rules\.d\/billing\.yaml:1: must be a file$/,
  ],
  [
    'a huge file',
    (folder) => truncateSync(join(folder, 'rules.d/billing.yaml'), 2 ** 34),
    /^rules\.d\/billing\.yaml:1: is larger than 64 KiB/,
  ],
  [
    'a text that is not YAML',
    (_, put) => put('rules.d/billing.yaml', 'owner: billing\nrules: ['),
    /^rules\.d\/billing\.yaml:2: is not YAML/,
  ],
];

for (const [title, change, line] of broken)
  test(`include – ${title}: a command refuses it, and a service leaves it out`, (t) => {
    const { file, folder, put } = world(t);
    change(folder, put);
    const lines = said(() => loadConfig(file), folder);
    t.is(lines.length, 1, lines.join('\n'));
    t.regex(lines[0] ?? '', line);
    const loaded = loadConfig(file, leavingOut());
    t.true(names(loaded).includes('payments/pay'));
    t.true(names(loaded).every((name) => all.includes(name)));
    const refused = loaded.owners.filter(({ state }) => state === 'left_out');
    t.deepEqual(
      refused.map(({ rules, problems }) => [rules, problems.length]),
      [[0, 1]],
    );
  });

test('include – files as Kubernetes mounts them, and names that are not meant', (t) => {
  const { file, folder, put } = world(t, { 'rules.d/notes.txt': 'x', 'rules.d/.hidden.yaml': 'x' });
  put('rules.d/..2026/billing.yaml', teamText('billing', { rule: 'bill' }));
  symlinkSync('..2026', join(folder, 'rules.d/..data'));
  replaceByLink(folder, 'rules.d/billing.yaml', '..data/billing.yaml');
  t.deepEqual(names(loadConfig(file)), all);
});

test('include – an absolute path, as a volume of its own has one', (t) => {
  const { file, folder, put } = world(t);
  put('peerproof.yaml', platformText().replace('rules.d/', `${folder}/rules.d/`));
  const loaded = loadConfig(file, leavingOut());
  t.deepEqual(names(loaded), all);
  t.deepEqual(names(restoreConfig(loaded)), all);
  put('rules.d/billing.yaml', 'owner: [');
  t.regex(said(() => loadConfig(file), folder).join(), /^rules\.d\/billing\.yaml:1: is not YAML/);
});

test('include – a folder that is not there is a mistake of the platform', (t) => {
  const { file, folder, put } = world(t);
  put('peerproof.yaml', platformText().replace('rules.d/', 'elsewhere/'));
  for (const load of [() => loadConfig(file), () => loadConfig(file, leavingOut())])
    t.deepEqual(said(load, folder), [
      'peerproof.yaml:7: include: its folder cannot be read (ENOENT): there is no such file or folder',
    ]);
});

test('include – a refused configuration forgets no last good file', (t) => {
  const { file, put, remove } = world(t);
  const teams = leavingOut();
  loadConfig(file, teams);
  put('peerproof.yaml', platformText('nonsense: 1'));
  put('rules.d/billing.yaml', 'broken');
  t.throws(() => loadConfig(file, teams), { instanceOf: ConfigError });
  put('peerproof.yaml', platformText());
  t.deepEqual(names(loadConfig(file, teams)), all);
  remove('rules.d/billing.yaml');
  t.deepEqual(names(loadConfig(file, teams)), ['first', 'payments/pay', 'last']);
  put('rules.d/billing.yaml', 'broken again');
  t.deepEqual(names(loadConfig(file, teams)), ['first', 'payments/pay', 'last']);
});

test('include – a shadow has files and a memory of its own', (t) => {
  const { file, put } = world(t, {
    'next.yaml': platformText().replace('rules.d/', 'next.d/'),
    'next.d/billing.yaml': teamText('billing', { rule: 'next' }),
  });
  put('peerproof.yaml', platformText('shadow: {file: next.yaml}'));
  const teams = leavingOut();
  const loaded = loadConfig(file, teams);
  t.deepEqual(names(loaded), all);
  t.deepEqual(loaded.shadow && names(loaded.shadow), ['first', 'billing/next', 'last']);
  put('next.d/billing.yaml', 'broken');
  put('rules.d/billing.yaml', 'broken');
  const later = loadConfig(file, teams);
  t.deepEqual([names(later), later.shadow && names(later.shadow)], [all, ['first', 'billing/next', 'last']]);
});

function replaceByLink(folder: string, name: string, to: string): void {
  rmSync(join(folder, name), { force: true });
  symlinkSync(to, join(folder, name));
}
