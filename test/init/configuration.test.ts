import test from 'ava';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { type FirstAnswers, isMesh, platforms } from '../../src/init/answers.ts';
import { checkAnswers } from '../../src/init/check.ts';
import { writeConfiguration } from '../../src/init/configuration.ts';
import { lint } from '../../src/lint/lint.ts';

const answers: FirstAnswers = {
  platform: 'envoy',
  issuer: 'https://login.example.com',
  audiences: ['orders', 'billing'],
  trustDomain: undefined,
  workload: undefined,
};

for (const platform of platforms)
  for (const trustDomain of [undefined, 'example.org'])
    test(`init – the file for ${platform} has no warning, with ${trustDomain ?? 'the usual'} trust domain`, (t) => {
      const text = writeConfiguration({ ...answers, platform, trustDomain });
      const loaded = parseConfig(text, 'peerproof.yaml');
      t.deepEqual(
        lint(loaded).filter(({ severity }) => severity !== 'note'),
        [],
      );
      t.is(text.split('\n', 1)[0], '# yaml-language-server: $schema=./peerproof.schema.json');
      t.deepEqual(loaded.config.issuers.default?.audiences, ['orders', 'billing']);
      t.is(Object.hasOwn(loaded.config.peers.trustDomains ?? {}, 'example.org'), trustDomain !== undefined);
      t.deepEqual(
        text.split('\n').filter((line) => line.length > 120 || / $/.test(line)),
        [],
      );
    });

test('init – rules of a mesh are for the workload that is named', (t) => {
  const workload = 'spiffe://cluster.local/ns/shop/sa/web';
  for (const platform of platforms.filter(isMesh)) {
    const { config } = parseConfig(writeConfiguration({ ...answers, platform, workload }), 'f');
    t.deepEqual(
      config.workloads.orders?.destinations.map(({ text }) => text),
      [workload],
    );
    t.deepEqual(config.rules, []);
  }
});

test('init – what an answer holds is one value, and not YAML', (t) => {
  for (const audience of ['a, b', '] #', '"', "x'y", 'yes', '1', '- a', 'a: b', '*a', 'é \u{1f600}', 'a#b'])
    for (const platform of platforms) {
      const text = writeConfiguration({ ...answers, platform, audiences: [audience] });
      t.deepEqual(parse(text).issuers.default.audiences, [audience]);
    }
});

for (const [title, wrong, keys] of [
  ['an issuer over http', { issuer: 'http://a.example' }, ['--issuer']],
  ['an issuer and the audience', { issuer: 'a', audiences: [] }, ['--issuer', '--audience']],
  ['a trust domain, once', { trustDomain: 'spiffe://x', platform: 'kyma' }, ['--trust-domain']],
  ['a workload', { workload: 'orders', platform: 'istio' }, ['--workload']],
] as const)
  test(`init – a wrong answer is told by its flag: ${title}`, (t) => {
    const problems = checkAnswers({ ...answers, ...wrong });
    t.deepEqual(
      problems.map(({ key }) => key),
      keys,
    );
  });
