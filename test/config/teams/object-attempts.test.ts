import test from 'ava';
import { parse } from 'yaml';
import { readmit } from '../../../src/config/compose.ts';
import { restoreConfig } from '../../../src/config/load.ts';
import { leavingOut } from '../../../src/config/teams/handling.ts';
import { atOnce } from '../../../src/lib/in-turns.ts';
import { type RuleObject, readRuleObject } from '../../../src/sources/rule-objects.ts';
import { recorded } from '../../sources/rule-objects-server.ts';
import { allowed, attempts, platform } from './attempts.ts';

const text = `${platform}rulesFrom: {kubernetes: {apiServer: "https://10.0.0.1:6443", tokenFile: token}}\n`;
const objectOf = (spec: object, namespace = 'payments', name = 'rules') =>
  readRuleObject(recorded(namespace, name, {}, spec)) as RuleObject;

/** What becomes of objects: the states of their rules. */
function statesOf(...objects: RuleObject[]) {
  const teams = leavingOut();
  const loaded = restoreConfig({ text, file: 'a.yaml', files: new Map([['token', 'secret']]) }, teams);
  teams.atApiServer.objects = objects;
  return atOnce(readmit(loaded, teams)).owners;
}

test('objects of teams – one that is within the delegation is accepted', (t) => {
  const [state, ...others] = statesOf(objectOf(parse(`rules: ${allowed}`)));
  t.like(state, {
    owner: 'payments',
    file: 'AuthorizationRules payments/rules',
    state: 'accepted',
    rules: 1,
  });
  t.deepEqual(others, []);
});

/** They are about YAML, and an object is JSON. */
const ofYaml = new Set(['aliases that grow', 'lists without an end', 'a huge text']);

for (const { title, rules, refusals } of attempts.filter((one) => !ofYaml.has(one.title)))
  test(`objects of teams – one cannot reach beyond its delegation: ${title}`, (t) => {
    const [state] = statesOf(objectOf(parse(`rules: ${rules}`, { maxAliasCount: 100 })));
    t.like(state, { state: 'left_out', rules: 0 });
    for (const [key, message] of refusals) {
      const found = state?.problems.filter((one) => one.key === (key === '' ? 'spec' : `spec.${key}`)) ?? [];
      t.true(
        found.some((one) => message.test(one.message)),
        JSON.stringify(state?.problems),
      );
    }
    for (const { file, line } of state?.problems ?? [])
      t.deepEqual([file, line], ['AuthorizationRules payments/rules', 0]);
  });

test('objects of teams – what is too large, nested deeply or no mapping is refused', (t) => {
  const deep = JSON.parse(`{"rules":[],"more":${'['.repeat(5_000)}${']'.repeat(5_000)}}`);
  for (const [spec, message] of [
    [{ rules: ['x'.repeat(65_537)] }, /larger than 64 KiB/],
    [{ rules: ['x'.repeat(300_001)] }, /larger than 256 KiB/],
    [deep, /is not a setting|cannot be read/],
    [[], /must be a mapping of rules/],
    [{ owner: 'billing', rules: [] }, /must be payments/],
  ] as const) {
    const [state] = statesOf(objectOf(spec));
    t.is(state?.state, 'left_out');
    t.regex(state?.problems[0]?.message ?? '', message);
  }
});

test('objects of teams – a broken one changes nothing for the others', (t) => {
  const good = objectOf(
    {
      rules: [
        {
          name: 'b',
          match: {
            hosts: ['billing.example.com'],
            destinations: ['spiffe://cluster.local/ns/billing/sa/a'],
          },
          require: { issuers: ['corp'] },
        },
      ],
    },
    'billing',
  );
  const states = statesOf(objectOf({ rules: 'none' }), good, objectOf({ rules: [] }, 'elsewhere'));
  t.deepEqual(
    states.map(({ owner, state }) => [owner, state]),
    [
      ['payments', 'left_out'],
      ['billing', 'accepted'],
      ['namespace/elsewhere', 'left_out'],
    ],
  );
});

test('objects of teams – one that is made anew and broken does not inherit the rules of the one before', (t) => {
  const teams = leavingOut();
  const loaded = restoreConfig({ text, file: 'a.yaml', files: new Map([['token', 'secret']]) }, teams);
  const stateAfter = (object: RuleObject) => {
    teams.atApiServer.objects = [object];
    return atOnce(readmit(loaded, teams)).owners[0]?.state;
  };
  const good = objectOf(parse(`rules: ${allowed}`));
  const broken = objectOf({ rules: 'none' });
  t.is(stateAfter(good), 'accepted');
  t.is(stateAfter({ ...broken, uid: good.uid }), 'last_good');
  t.is(stateAfter({ ...broken, uid: 'another' }), 'left_out');
});
