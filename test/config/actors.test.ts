import test from 'ava';
import { parse } from 'yaml';
import { parseWithoutFiles } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { acceptTeam, platformOf } from '../../src/config/teams/accept.ts';
import { reachOf } from '../../src/config/teams/reach.ts';

const base = `issuers: {corp: {issuer: "https://login.example.com", audiences: [orders]}}
peers: {trustDomains: {cluster.local: {}}}
clients: {portal: ["spiffe://cluster.local/ns/shop/sa/portal"]}
`;

/** What is wrong with `require.actors`, each with its key. */
function problems(actors: string, more = ''): readonly string[] {
  try {
    parseWithoutFiles(`${base}rules: [{name: a, require: {actors: ${actors}${more}}}]\n`, 'c.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ key, message }) => `${key}: ${message}`);
  }
}

const at = 'rules[0].require.actors';
const cases: readonly [title: string, actors: string, problem: RegExp | undefined, more?: string][] = [
  ['a workload', '{allow: [{who: ["spiffe://cluster.local/ns/shop/sa/*"]}]}', undefined],
  ['a registered client for a subject', '{allow: [{who: [portal], for: [alice]}], maxLength: 8}', undefined],
  ['no actor at all', '{maxLength: 0}', undefined],
  ['nobody', '{}', /^rules\[0\]\.require\.actors: names nobody: add allow/],
  ['only that it is optional', '{optional: true}', /names nobody/],
  ['an entry without an actor', '{allow: [{for: [alice]}]}', /allow\[0\]\.who/],
  ['an empty list of actors', '{allow: [{who: []}]}', /must hold at least one actor/],
  ['an empty name', '{allow: [{who: [""]}]}', /must not be empty/],
  [
    'a client that is not registered',
    '{allow: [{who: [portl]}]}',
    /is neither a SPIFFE ID nor in clients: "portl".*portal/,
  ],
  ['a pattern that is broken', '{allow: [{who: ["spiffe://cluster.local/a*"]}]}', /allow\[0\]\.who\[0\]/],
  ['a subject that is a broken pattern', '{allow: [{who: [portal], for: ["spiffe://*/a"]}]}', /for\[0\]/],
  ['a longer chain than any', '{allow: [{who: [portal]}], maxLength: 9}', /maxLength: must be at most 8/],
  ['a chain of less than none', '{maxLength: -1}', /maxLength: must be 0 or more/],
  [
    'somebody, where none may act',
    '{allow: [{who: [portal]}], maxLength: 0}',
    /allow: cannot stand beside maxLength: 0/,
  ],
  ['an unknown key', '{allow: [{who: [portal], whom: [alice]}]}', /whom/],
  [
    'actors beside an optional token',
    '{maxLength: 0}',
    /cannot be combined with token: optional/,
    ', token: optional',
  ],
];
for (const [title, actors, problem, more] of cases)
  test(`require.actors – ${title} is ${problem ? 'refused' : 'accepted'}`, (t) => {
    const found = problems(actors, more);
    t.is(found.length > 0, problem !== undefined, found.join('\n'));
    if (!problem) return;
    t.regex(found.join('\n'), problem);
    t.true(
      found.every((one) => one.startsWith(at)),
      found.join('\n'),
    );
  });

test('require.actors – a team names only the clients that the platform registered', (t) => {
  const text = `${base}delegate: [{owner: shop, namespaces: [shop]}]\nrules: [{name: health, match: {paths: [/healthz]}, public: true}]\n`;
  const { config } = parseWithoutFiles(text, 'c.yaml');
  const [first] = config.delegate;
  if (!first) return t.fail();
  const reach = reachOf(first, ['cluster.local'], first.namespaces);
  const accept = (client: string) => {
    const rule = `{name: a, match: {destinations: ["spiffe://cluster.local/ns/shop/sa/*"]}, require: {actors: {allow: [{who: [${client}]}]}}}`;
    const team = { owner: 'shop', file: 'shop.yaml', text: `owner: shop\nrules: [${rule}]\n` };
    return acceptTeam(team, reach, platformOf(parse(text), config));
  };
  t.true('rules' in accept('portal'));
  t.regex(JSON.stringify(accept('till')), /is neither a SPIFFE ID nor in clients/);
});
