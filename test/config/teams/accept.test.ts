import test from 'ava';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/config/load.ts';
import { acceptTeam, platformOf } from '../../../src/config/teams/accept.ts';
import { reachOf } from '../../../src/config/teams/reach.ts';
import { allowed, attempts, platform } from './attempts.ts';

/** What becomes of the rules of the first team. */
function accept(rules: string, delegation = '', base = platform, owner = 'payments') {
  const text = delegation ? base.replace(/owner: payments, [^\n]*/, `owner: payments, ${delegation}}`) : base;
  const { config } = parseConfig(text, 'peerproof.yaml');
  const [first] = config.delegate;
  if (!first) throw new TypeError('no delegation');
  const reach = reachOf(first, Object.keys(config.peers.trustDomains ?? {}), first.namespaces);
  const team = {
    owner: 'payments',
    file: 'rules.d/payments.yaml',
    text: `owner: ${owner}\nrules: ${rules}\n`,
  };
  const outcome = acceptTeam(team, reach, platformOf(parse(text), config));
  return 'rules' in outcome ? outcome : outcome.map(({ key, message }) => [key, message] as const);
}

for (const { title, rules, refusals } of attempts)
  test(`a team reaches beyond – ${title}: refused`, (t) => {
    const outcome = accept(rules);
    if ('rules' in outcome) return t.fail('it was accepted');
    t.deepEqual(
      outcome.map(([key]) => key),
      refusals.map(([key]) => key),
    );
    for (const [at, [, message]] of refusals.entries()) t.regex(outcome[at]?.[1] ?? '', message);
  });

test('a team – a rule within its delegation is accepted', (t) => {
  const outcome = accept(allowed);
  t.true('rules' in outcome, JSON.stringify(outcome));
});
