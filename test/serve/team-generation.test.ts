import test from 'ava';
import { stringify } from 'yaml';
import { readmit } from '../../src/config/compose.ts';
import { restoreConfig } from '../../src/config/load.ts';
import { leavingOut } from '../../src/config/teams/handling.ts';
import { noneUsed } from '../../src/core/used/used-proofs.ts';
import { atOnce } from '../../src/lib/in-turns.ts';
import { createGeneration, type GenerationContext } from '../../src/serve/generation.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { type RuleObject, readRuleObject } from '../../src/sources/rule-objects.ts';
import { recorded } from '../sources/rule-objects-server.ts';

const context: GenerationContext = {
  clock: () => 0,
  bulkheads: new Bulkheads(() => 1),
  usedProofs: noneUsed,
  report: () => undefined,
};
const text = stringify({
  peers: { trustDomains: { 'cluster.local': {} } },
  delegate: ['a', 'b'].map((owner) => ({ owner, namespaces: [owner], mayBePublic: true })),
  rules: [],
  rulesFrom: { kubernetes: { apiServer: 'https://10.0.0.1', tokenFile: 'token' } },
});
const source = { text, file: 'a.yaml', files: new Map([['token', 'secret']]) };
const objectOf = (owner: string, generation: number, path: string) => {
  const match = { destinations: [`spiffe://cluster.local/ns/${owner}/sa/api`], paths: [path] };
  const spec = { rules: [{ name: 'open', public: true, match }] };
  return readRuleObject(recorded(owner, 'rules', { generation }, spec)) as RuleObject;
};
const evidence = (owner: string, path: string) => ({
  request: { method: 'GET', host: 'app.test', path },
  destination: { principal: `spiffe://cluster.local/ns/${owner}/sa/api` },
  headers: {},
  context: {},
});

test('generation – a change of one team keeps the caches, and the rules of the others', (t) => {
  const teams = leavingOut();
  teams.atApiServer.objects = [objectOf('a', 1, '/one'), objectOf('b', 1, '/one')];
  const first = createGeneration(restoreConfig(source, teams), context);
  teams.atApiServer.objects = [objectOf('a', 2, '/two'), objectOf('b', 1, '/one')];
  const loaded = atOnce(readmit(first.loaded, teams));
  const second = createGeneration(loaded, context, first);
  t.not(loaded.version, first.loaded.version);
  for (const cache of ['tokenCache', 'certificates', 'identityCache'] as const)
    t.is(second.policy[cache], first.policy[cache]);
  const rule = (generation: typeof first, owner: string, path: string) => {
    const route = generation.policy.routes.match(evidence(owner, path) as never);
    return 'rule' in route ? route.rule : undefined;
  };
  t.is(rule(second, 'b', '/one'), rule(first, 'b', '/one'));
  t.is(rule(second, 'a', '/one'), undefined);
  t.is(rule(second, 'a', '/two')?.name, 'a/open');
  t.is(rule(first, 'a', '/two'), undefined);
});

test('generation – a reload of the file empties the caches, also if only a team has changed since', (t) => {
  const teams = leavingOut();
  const first = createGeneration(restoreConfig(source, teams), context);
  teams.atApiServer.objects = [objectOf('a', 1, '/one')];
  const second = createGeneration(restoreConfig(source, teams), context, first);
  t.not(second.policy.tokenCache, first.policy.tokenCache);
});

test('generation – the same objects make the same configuration', (t) => {
  const teams = leavingOut();
  teams.atApiServer.objects = [objectOf('a', 1, '/one')];
  const loaded = restoreConfig(source, teams);
  teams.atApiServer.objects = [objectOf('a', 1, '/one')];
  t.is(atOnce(readmit(loaded, teams)).version, loaded.version);
  teams.atApiServer.objects = [];
  t.is(atOnce(readmit(loaded, teams)).version, loaded.own.version);
});
