import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { parse } from 'yaml';
import { runText } from './world.ts';

const read = (file: string) =>
  readFileSync(new URL(`../../examples/policy-tests/${file}`, import.meta.url), 'utf8');
const config = read('peerproof.yaml');
const tests = read('orders.test.yaml').replace('config: peerproof.yaml\n', '');

/** What a rule without the scope for writing leads to. */
const broken = `t.yaml:87: failed: a caller with the scope for reading does not write
  request   POST orders.example.com/orders at spiffe://cluster.local/ns/applications/sa/orders
  from      spiffe://cluster.local/ns/web/sa/shop, a token of login
  expected  effect deny, reason scope_missing
  came      effect allow, reason allowed
  decision  allow (allowed) by the rule orders/write

t.yaml: 20 tests, 1 failed`;

test('example – its twenty tests pass', async (t) => {
  const { output, exitCode } = await runText(t, tests, { config });
  t.is(output, 't.yaml: 20 tests, all passed');
  t.is(exitCode, 0);
});

test('example – it says readably which tests fail when one rule is broken', async (t) => {
  const changed = config.replace('scopes: [orders.write]\n', 'scopes: []\n');
  t.not(changed, config);
  const { output, exitCode } = await runText(t, tests, { config: changed });
  t.is(exitCode, 1);
  t.is(output, broken);
});

test('example – docs/policy-tests.md shows what the command prints', async (t) => {
  const page = readFileSync(new URL('../../docs/policy-tests.md', import.meta.url), 'utf8');
  const { output } = await runText(t, tests, { config, coverage: true, mutate: true });
  const shown = output
    .replace('t.yaml:', 'examples/policy-tests/orders.test.yaml:')
    .replaceAll('c.yaml', 'examples/policy-tests/peerproof.yaml');
  t.true(page.includes(`\`\`\`\n${shown}\n\`\`\`\n`), shown);
  t.true(page.includes(broken.replaceAll('t.yaml:', 'examples/policy-tests/orders.test.yaml:')));
});

test('example – editors find no mistake with the published schema', (t) => {
  const schema = readFileSync(new URL('../../peerproof-test.schema.json', import.meta.url), 'utf8');
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    JSON.parse(schema) as object,
  );
  t.true(validate(parse(tests)), JSON.stringify(validate.errors));
  t.false(validate(parse(tests.replace('expect: allow', 'expect: alow'))));
});

for (const [what, from, to] of [
  ['a method', 'methods: [GET]', 'methods: [GET, DELETE]'],
  ['an issuer', 'issuers: [login], scopes: [orders.read]', 'scopes: [orders.read]'],
  ['a peer', 'sa/shop"]', 'sa/*", "spiffe://cluster.local/ns/storage/sa/*"]'],
  ['a condition', 'when: "claims.tenant', 'when: "true || claims.tenant'],
  ['a port', 'ports: [5432]', 'ports: [5433]'],
  [
    'a destination',
    'destinations: [spiffe://cluster.local/ns/applications/sa/orders]',
    'destinations: ["spiffe://cluster.local/**"]',
  ],
] as const)
  test(`example – its tests notice when ${what} is changed`, async (t) => {
    const broken = config.replace(from, to);
    t.not(broken, config);
    t.is((await runText(t, tests, { config: broken })).exitCode, 1);
  });
