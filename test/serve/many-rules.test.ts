import test from 'ava';
import { parseWithoutFiles } from '../../src/config/load.ts';
import type { Rule } from '../../src/core/policy/rule.ts';
import { createRules } from '../../src/serve/create-policy.ts';

const ruleOf = (n: number) => ({
  name: `orders-${n}`,
  match: { hosts: [`orders-${n}.**`], methods: ['GET'], paths: ['/orders/**'], ports: [8080] },
  require: {
    issuers: ['corp'],
    scopes: ['orders.write'],
    claims: { tenant: ['acme'] },
    emails: ['a@example.com'],
    peers: ['spiffe://cluster.local/ns/orders/sa/*'],
    namespaces: ['orders'],
    binding: ['certificate'],
  },
});
const text = JSON.stringify({
  issuers: { corp: { issuer: 'https://login.example.com', audiences: ['orders'] } },
  peers: { trustDomains: { 'cluster.local': {} } },
  rules: [ruleOf(0), ruleOf(1)],
});

test('many rules – what is equal in two rules is one object, so that thousands take little memory', (t) => {
  const { config } = parseWithoutFiles(text, 'a.yaml');
  const [one, other] = config.rules;
  t.truthy(one?.require);
  t.is(one?.require, other?.require);
  t.is(one?.match.paths, other?.match.paths);

  const [first, second] = createRules(config) as [Rule, Rule];
  t.deepEqual([first.name, second.name], ['orders-0', 'orders-1']);
  const own = new Set(['name', 'match']);
  for (const name of Object.keys(first).filter((key) => !own.has(key)) as (keyof Rule)[])
    t.is(first[name], second[name], name);
  t.not(first.match, second.match);
  if (first.match.protocol !== 'http' || second.match.protocol !== 'http') return t.fail();
  t.deepEqual(first.match.hosts, [{ labels: ['orders-0', '**'], tail: '' }]);
  for (const name of ['methods', 'paths', 'context', 'ports', 'destinations'] as const)
    t.is(first.match[name], second.match[name], name);
});
