import { readFileSync } from 'node:fs';
import test from 'ava';
import { parse } from 'yaml';
import { loadFromFlags } from '../src/config/flags.ts';
import { parseConfig } from '../src/config/load.ts';
import { ConfigError } from '../src/config/problem.ts';
import { rulesOf } from '../src/serve/policy.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test('README – its first configuration is accepted, and each of its settings counts', (t) => {
  const [, yaml = ''] = /`peerproof\.yaml`:\n\n```yaml\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
  const { config, warnings } = parseConfig(yaml, 'README.md');
  t.deepEqual(warnings, []);
  t.deepEqual(
    rulesOf(config).map(({ name }) => name),
    ['orders/write', 'orders/health'],
  );
  t.throws(() => parseConfig(yaml.replace('audiences', 'audience'), 'README.md'), {
    instanceOf: ConfigError,
  });
});

test('README – the flags of the simplest case are accepted', (t) => {
  const { config } = loadFromFlags({
    issuer: 'https://login.example.com',
    audience: ['orders'],
    'trust-domain': ['cluster.local'],
    client: ['orders-client=spiffe://cluster.local/ns/applications/sa/orders-client'],
  });
  for (const flag of ['--issuer', '--audience', '--trust-domain', '--client'])
    t.true(read('README.md').includes(`${flag} `));
  t.deepEqual(Object.keys(config.clients), ['orders-client']);
});

test('istio – the configuration in the ConfigMap is accepted', (t) => {
  const { data } = parse(read('istio/config.yaml')) as { data: Record<string, string> };
  const { config, warnings } = parseConfig(data['peerproof.yaml'] ?? '', 'istio/config.yaml');
  t.true(rulesOf(config).length > 0);
  t.deepEqual(warnings, []);
});

test('README – every issuer under "Whose tokens" is accepted', (t) => {
  const [, yaml = ''] = /## Whose tokens[\s\S]*?```yaml\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
  // The files are not here, and this is no pod: these are the only complaints.
  const { problems } = t.throws(
    () => parseConfig(`${yaml}\npeers: {trustDomains: {cluster.local: {}}}\nrules: [{name: a}]`, 'README.md'),
    {
      instanceOf: ConfigError,
    },
  ) ?? { problems: [] };
  t.deepEqual(
    problems.filter(({ message }) => !/cannot be read|this is no pod/.test(message)),
    [],
  );
});

test('README – its condition is accepted', (t) => {
  const [, require = ''] = /```yaml\n(require: \{when: .*\})\n```/.exec(read('README.md')) ?? [];
  const text = `issuers: {corp: {issuer: "https://a.example", audiences: [a]}}\nrules:\n- name: a\n  ${require}\n`;
  t.truthy(parseConfig(text, 'README.md').config.rules[0]?.require?.when);
});
